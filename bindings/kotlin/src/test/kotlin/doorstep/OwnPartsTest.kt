package doorstep

import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What a host brings along may throw and hang: that is said, and nothing is lost. */
class OwnPartsTest {
    @Test
    fun `a client that throws is named with its code, and the work waits for a better one`(@TempDir folder: Path) =
        phones(folder) { _, worker, _ ->
            worker.report(LEAK)
            worker.close()
            val throws = object : HttpTransport {
                override fun send(request: HttpRequest): HttpResponse = throw IllegalStateException("a secret of the host")
            }
            open(folder, DeviceOptions(transport = throws)).use { phone ->
                assertEquals("host_failed", phone.sync().code)
                assertEquals(1uL, phone.pending().waiting)
            }
            open(folder, DeviceOptions(transport = OwnClient())).use { assertEquals(1uL, sync(it).stored) }
        }

    @Test
    fun `a sync whose coroutine is cancelled does not hold up whoever cancelled it, and loses nothing`(@TempDir folder: Path) =
        phones(folder) { _, worker, _ ->
            worker.report(LEAK)
            worker.close()
            val asked = CompletableDeferred<Unit>()
            val answer = CountDownLatch(1)
            val hangs = object : HttpTransport {
                private val client = OwnClient()
                override fun send(request: HttpRequest): HttpResponse {
                    asked.complete(Unit)
                    answer.await()
                    return client.send(request)
                }
            }
            val phone = open(folder, DeviceOptions(transport = hangs))
            val syncing = launch(Dispatchers.Default) { phone.sync() }
            asked.await()
            syncing.cancelAndJoin()
            assertEquals(1uL, phone.pending().waiting)
            answer.countDown()
            phone.close()
        }

    private suspend fun open(folder: Path, options: DeviceOptions) = Device.open(folder.resolve("worker").toString(), Lang.EN, options)
}
