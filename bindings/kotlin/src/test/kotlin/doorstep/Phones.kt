package doorstep

import java.nio.file.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue

val PLACE = Place(community = "nanchenggen", grid = "ncg-1", detail = "3单元502")
val LEAK = Report(
    channel = Channel.IN_PERSON,
    title = "卫生间漏水",
    place = PLACE,
    category = "房屋漏水",
    account = "楼上卫生间漏水，周日起加重。",
    reporter = Reporter(name = "张某"),
)

/** A server and two phones enrolled with it: a grid worker's, and that of her community's lead, which has a client of its own. */
fun phones(folder: Path, test: suspend CoroutineScope.(Server, Device, Device) -> Unit) = runBlocking {
    Server(folder).use { server ->
        val client = OwnClient()
        Device.open(folder.resolve("worker").toString(), Lang.EN).use { worker ->
            Device.open(folder.resolve("lead").toString(), Lang.ZH, DeviceOptions(transport = client)).use { lead ->
                worker.enrol(server.invitation("w-ncg-1"), "worker's phone")
                lead.enrol(server.invitation("lead-ncg"), "lead's phone")
                for (phone in listOf(worker, lead)) sync(phone)
                assertTrue(client.sent > 1, "requests through the host's own client")
                test(server, worker, lead)
            }
        }
    }
}

/** Syncs to the end. */
suspend fun sync(phone: Device): SyncReport = phone.sync().also { assertEquals("done", it.code, it.sentence) }
