package doorstep

import java.nio.file.Path
import java.time.LocalDate
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

private val TABLE = Elements(
    who = listOf(Participant("张某", "业主"), Participant("李某", "业主")),
    what = "谁来修，谁出钱",
    whenMs = 1_777_000_000_000,
    place = "502室",
    why = "民法典相邻关系",
)

/** Two phones and a real server: a grid worker's, and that of the lead of her community. */
class TwoPhonesTest {
    @Test
    fun `what two phones write into one case offline is the same on both after they sync in turn`(@TempDir folder: Path) =
        phones(folder) { _, worker, lead ->
            val case = worker.report(LEAK).id
            val visit = worker.recordVisit(Visit(place = PLACE, door = Door.MET, seen = "墙面渗水")).id
            assertEquals(2uL, worker.pending().waiting, "what waits before the first sync")
            for (phone in listOf(worker, lead)) sync(phone)

            worker.openConsultation(case, Form.AT_HOME, Elements(what = "谁来修，谁出钱"))
            worker.editText(case, TextName.ACCOUNT, "楼上卫生间漏水，周日起加重。楼下次卧天花板已湿。")
            lead.assign(case, "w-ncg-1")
            lead.note(case, "请片区民警一同到场。")
            lead.addLine(visit, "已联系物业。")
            assertEquals(2uL to 3uL, worker.pending().waiting to lead.pending().waiting, "what waits on each")
            for (phone in listOf(worker, lead, worker)) sync(phone)

            val seen = worker.caseView(case)
            assertEquals("w-ncg-1", seen.assignee)
            assertTrue(seen.history.any { it.text.endsWith("请片区民警一同到场。") && it.by == "lead-ncg" })
            assertEquals(Stage.CONSULTING, lead.caseView(case).stage)
            assertTrue("天花板" in lead.text(case, TextName.ACCOUNT))
            for (document in listOf(case, visit)) assertEquals(worker.digest(document), lead.digest(document))
            val page = worker.rows(RowQuery(kind = DocKind.CASE))
            assertEquals(listOf(case), page.rows.map { it.id })
        }

    @Test
    fun `what the method does not allow is refused with its permanent code and changes nothing`(@TempDir folder: Path) =
        phones(folder) { server, worker, lead ->
            val case = worker.report(LEAK).id
            suspend fun refused(code: String, call: suspend () -> Unit): DoorstepException {
                val error = assertThrows<DoorstepException> { runBlocking { call() } }
                assertEquals(code, error.code)
                assertTrue(error.sentence.isNotEmpty(), "$code has a sentence")
                return error
            }
            assertTrue(refused("wrong_stage") { worker.checkEffect(case, "看过") } is DoorstepException.Refused)
            refused("not_allowed") { worker.closeCase(case) }
            assertTrue(refused("not_an_id") { worker.assign(case, "王敏") } is DoorstepException.Input)
            assertTrue(refused("not_found") { lead.caseView(case) } is DoorstepException.Storage)
            assertTrue(refused("store_busy") { Device.open(folder.resolve("worker").toString()) } is DoorstepException.Storage)
            Device.open(folder.resolve("third").toString(), Lang.EN).use { third ->
                refused("code_wrong") { third.enrol("000000000a", "a phone", server.address) }
                refused("not_enrolled") { third.sync() }
            }
            assertEquals(1uL, worker.pending().waiting, "what waits after refusals")
        }

    @Test
    fun `a killed server and a closed phone lose nothing`(@TempDir folder: Path) = phones(folder) { server, worker, lead ->
        val case = worker.report(LEAK).id
        server.kill()
        worker.note(case, "邻居也看到了。")
        val report = worker.sync()
        assertEquals("unreachable", report.code)
        assertTrue(report.againInMs != null, "when to try again")
        worker.close()
        Device.open(folder.resolve("worker").toString(), Lang.EN).use { again ->
            assertEquals(2uL, again.pending().waiting)
            server.start()
            assertEquals(2uL, sync(again).stored)
            sync(lead)
            assertEquals(again.digest(case), lead.digest(case))
        }
    }

    @Test
    fun `an agreement is signed on one phone and holds on the other, and with one bit turned it does not`(
        @TempDir folder: Path,
    ) = phones(folder) { _, worker, lead ->
        val case = worker.report(LEAK).id
        worker.openConsultation(case, Form.AT_HOME, TABLE)
        worker.concludeAgreed(case, TABLE)
        worker.draftAgreement(case, draft())
        assertEquals(listOf("张某", "李某"), worker.freeze(case).missing.take(2).map { it.name })
        val me = worker.directory().people.single { it.id == "w-ncg-1" }.name
        worker.sign(case, signing(SignerRole.PARTY, "张某"))
        worker.sign(case, signing(SignerRole.PARTY, "李某"))
        worker.sign(case, signing(SignerRole.WITNESS, me, capacity = "网格员", ownKey = true))
        val sealed = worker.seal(case)
        for (phone in listOf(worker, lead)) sync(phone)
        val agreement = checkNotNull(lead.caseView(case).agreement)
        val bundle = checkNotNull(lead.fetchBundle(checkNotNull(agreement.bundle)))
        assertArrayEquals(sealed.bytes, bundle)
        val verdict = verifyAgreement(bundle, Lang.EN)
        assertEquals(true to case, verdict.holds to verdict.caseId)
        assertEquals(listOf("张某", "李某", me), verdict.signers.map { it.name })
        bundle[bundle.size / 2] = (bundle[bundle.size / 2].toInt() xor 1).toByte()
        assertEquals(false, verifyAgreement(bundle, Lang.EN).holds)
    }

    private fun draft() = Draft(
        parties = listOf("张某", "李某").map { Party(it, PartyKind.Resident) },
        facts = "502室卫生间漏水，402室次卧天花板受损。",
        terms = "李某修好防水并恢复天花板。",
        commitments = listOf(Commitment("李某", "重做防水，粉刷天花板", LocalDate.now().plusDays(14).toString())),
        dispute = DisputeKind.ORDINARY,
    )
}
