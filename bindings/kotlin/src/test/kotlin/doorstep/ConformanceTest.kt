package doorstep

import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.nio.file.Path
import java.security.MessageDigest
import kotlin.io.path.Path as path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

private val RECORDING =
    "RIFF".toByteArray() + byteArrayOf(0xa0.toByte(), 0x0f, 0, 0) + "WAVEfmt ".toByteArray() + ByteArray(16 * 256) { it.toByte() }

private fun sha256(bytes: ByteArray) = MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }

private fun JsonObject.text(name: String): String = checkNotNull(get(name)) { "$name is missing" }.asString

private fun JsonObject.texts(name: String): List<String> = getAsJsonArray(name).map { it.asString }

private fun JsonObject.says(name: String): Boolean = has(name) && get(name).asBoolean

/** The scenario that every language runs, from the same file: the same steps, refusals and digests of what came of it. */
class ConformanceTest {
    @Test
    fun `every step of the scenario does here what it does in every language`(@TempDir folder: Path): Unit = runBlocking {
        val steps = JsonParser.parseString(path("../conformance/scenario.json").readText()).asJsonObject.getAsJsonArray("steps")
        assertTrue(steps.size() > 50, "only ${steps.size()} steps")
        Server(folder).use { server ->
            val scenario = Scenario(folder, server)
            steps.forEachIndexed { number, step ->
                try {
                    scenario.step(step.asJsonObject)
                } catch (error: Throwable) {
                    throw AssertionError("step ${number + 1}, $step: $error\n${scenario.stated}", error)
                }
            }
        }
    }
}

/** Does the steps. Phones, cases and sealed agreements go by the scenario's names. */
private class Scenario(private val folder: Path, private val server: Server) {
    private val phones = HashMap<String, Device>()
    private val cases = HashMap<String, String>()
    private val sealed = HashMap<String, SealedAgreement>()

    /** The lines that were last digested. */
    var stated = ""
        private set

    suspend fun step(step: JsonObject) {
        val refused = step.getAsJsonObject("refused")
        val gave = try {
            done(step)
        } catch (error: DoorstepException) {
            if (refused == null) throw error
            val got = JsonObject()
            got.addProperty("kind", error.javaClass.simpleName)
            got.addProperty("code", error.code)
            got.addProperty("retry", error.retry)
            assertEquals(refused, got)
            assertTrue(error.sentence.isNotEmpty(), "whether it says why")
            return
        }
        assertEquals(null, refused, "what it should have been refused with")
        val wanted = step.getAsJsonObject("is") ?: return
        for ((name, value) in wanted.entrySet()) assertEquals(plain(value), plain(lookUp(gave, name)), name)
    }

    private fun lookUp(gave: Any?, name: String): Any? {
        if (gave is Map<*, *>) return check(name in gave) { "nothing is called $name" }.let { gave[name] }
        val field = name.replace(Regex("_(.)")) { it.groupValues[1].uppercase() }
        return checkNotNull(gave).javaClass.getDeclaredField(field).apply { isAccessible = true }.get(gave)
    }

    private fun plain(value: Any?): Any? = when (value) {
        is JsonElement -> if (value.isJsonArray) value.asJsonArray.map(::plain) else if (value.isJsonNull) null else value.asString
        is List<*> -> value.map(::plain)
        is Enum<*> -> value.name.lowercase()
        else -> value?.toString()
    }

    private suspend fun done(step: JsonObject): Any? {
        fun phone() = phones.getValue(step.text("phone"))
        fun case() = cases.getValue(step.text("case"))
        return when (val name = step.text("do")) {
            "server-kill" -> server.kill()
            "server-start" -> server.start()
            "post-end" -> server.admin(
                "post", "end", step.text("person"), "--role", step.text("role"), "--org", step.text("org"), "--data", server.data,
            )
            "revoke" -> server.admin("revoke", checkNotNull(phone().enrolled()).device, "--data", server.data)
            "open" -> open(step.text("phone"))
            "reopen" -> phone().close().also { open(step.text("phone")) }
            "enrol" -> {
                val code = if (step.has("code")) step.text("code") else server.invitation(step.text("person"))
                phone().enrol(code, step.text("phone"), server.address)
            }
            "sync" -> Cancellation().use {
                if (step.says("cancelled")) it.cancel()
                phone().sync(cancellation = it)
            }
            "wipe" -> wipe(step.text("phone"))
            "report" -> phone().report(report(step)).also { cases[step.text("as")] = it.id }
            "note" -> phone().note(case(), step.text("text"))
            "assign" -> phone().assign(case(), step.text("to"))
            "check-effect" -> phone().checkEffect(case(), step.text("seen"))
            "close-case" -> phone().closeCase(case())
            "consult" -> phone().openConsultation(case(), Form.AT_HOME, Elements(what = step.text("what")))
            "agree" -> phone().concludeAgreed(case(), elements(phone(), step))
            "disagree" -> phone().concludeNotAgreed(case(), step.text("reason"), elements(phone(), step))
            "choose" -> choose(phone(), case(), step)
            "draft" -> phone().draftAgreement(case(), draft(step))
            "freeze" -> phone().freeze(case())
            "sign" -> {
                val capacity = if (step.has("capacity")) step.text("capacity") else ""
                val role = SignerRole.valueOf(step.text("role").uppercase())
                phone().sign(case(), signing(role, step.text("name"), capacity, step.says("own_key")))
            }
            "seal" -> phone().seal(case()).also { sealed[step.text("as")] = it }
            "verify" -> {
                val bytes = sealed.getValue(step.text("sealed")).bytes.copyOf()
                if (step.says("altered")) bytes[bytes.size / 2] = (bytes[bytes.size / 2].toInt() xor 1).toByte()
                verifyAgreement(bytes, Lang.EN)
            }
            "fetch-sealed" -> {
                val kept = sealed.getValue(step.text("sealed"))
                assertArrayEquals(kept.bytes, phone().fetchBundle(kept.bundle), "the bundle from the server")
            }
            "attach" -> {
                val bytes = if (step.has("bytes")) step.text("bytes").toByteArray() else RECORDING
                phone().attach(case(), bytes, step.text("caption"))
            }
            "send-attachments" -> phone().syncAttachments(false)
            "fetch" -> phone().fetchAttachment(case(), sha256(RECORDING)).also {
                if (it.fetched > 0uL) assertArrayEquals(RECORDING, phone().attachmentBytes(sha256(RECORDING)))
            }
            "view" -> phone().caseView(case()).let { view ->
                val contested = view.history.count { it.standing is Standing.Contested }
                mapOf("stage" to view.stage, "assignee" to view.assignee, "look" to view.look, "contested" to contested)
            }
            "pending" -> phone().pending().let { pending ->
                val reasons = pending.reasons.map { it.code }
                mapOf("waiting" to pending.waiting, "set_aside" to pending.setAside, "reasons" to reasons)
            }
            "same" -> assertEquals(1, step.texts("phones").map { phones.getValue(it).digest(case()) }.toSet().size, "digests")
            "state" -> mapOf("sha256" to state(phone(), case()))
            else -> error("no step is called $name")
        }
    }

    private suspend fun open(name: String) {
        phones[name] = Device.open(folder.resolve(name).toString(), Lang.EN)
    }

    private suspend fun wipe(name: String) {
        val phone = phones.getValue(name)
        assertTrue(phone.wipeOrdered(), "whether it is to be wiped")
        phone.close()
        wipeDevice(folder.resolve(name).toString())
        assertEquals(emptyList<Path>(), folder.resolve(name).listDirectoryEntries(), "what is left in the folder")
    }

    private fun report(step: JsonObject) = Report(
        channel = Channel.IN_PERSON,
        title = step.text("title"),
        place = Place(community = "nanchenggen", grid = "ncg-1", detail = step.text("detail")),
        category = step.text("category"),
        account = step.text("account"),
        reporter = Reporter(name = "张某"),
    )

    private fun elements(phone: Device, step: JsonObject) = Elements(
        who = step.texts("who").map { Participant(it, "业主") },
        whenMs = phone.nowMs(),
        place = "502室",
        why = "民法典相邻关系",
    )

    private fun choose(phone: Device, case: String, step: JsonObject): CaseView {
        val contested = phone.caseView(case).history.filter { it.standing is Standing.Contested }
        val line = contested.single { it.kind == step.text("kind") && it.by == step.text("by") }
        return phone.settleContest(case, line.event, (line.standing as Standing.Contested).others, step.text("why"))
    }

    private fun draft(step: JsonObject) = Draft(
        parties = step.texts("parties").map { Party(it, PartyKind.Resident) },
        facts = step.text("facts"),
        terms = step.text("terms"),
        commitments = listOf(Commitment(step.text("party"), step.text("deed"), step.text("due"))),
        dispute = DisputeKind.ORDINARY,
    )

    private suspend fun state(phone: Device, case: String): String {
        val view = phone.caseView(case)
        val place = checkNotNull(view.place)
        val lines = mutableListOf(
            "title=${view.title}",
            "stage=${view.stage.name.lowercase()}",
            "round=${view.round}",
            "assignee=${view.assignee ?: ""}",
            "category=${view.category}",
            "place=${place.community}/${place.grid}/${place.detail}",
            "account=${view.account}",
        )
        view.commitments.mapTo(lines) { "commitment=${it.index} ${it.party}: ${it.deed} until ${it.due}, ${it.status}" }
        phone.attachments(case).mapTo(lines) { "attachment=${it.digest} ${it.length} ${it.caption}" }
        view.agreement?.let { agreement ->
            val bundle = checkNotNull(phone.fetchBundle(checkNotNull(agreement.bundle)))
            verifyAgreement(bundle).signers.mapTo(lines) { "signer=${it.role.name.lowercase()} ${it.name}" }
        }
        // By their bytes; these are letters, digits and dashes, whose order is that of their characters.
        view.history.map { "history=${it.by} ${it.kind} ${standing(it.standing)}" }.sorted().toCollection(lines)
        stated = lines.joinToString("") { "$it\n" }
        return sha256(stated.toByteArray())
    }

    private fun standing(standing: Standing) = when (standing) {
        is Standing.Effective -> "effective"
        is Standing.Contested -> "contested"
        else -> "overtaken"
    }
}
