package doorstep

import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class FirstVisitTest {
    @Test
    fun `the lines of the guide record a visit and bring it to the server`(@TempDir folder: Path): Unit = runBlocking {
        Server(folder).use { server ->
            val phone = folder.resolve("phone").toString()
            val report = firstVisit(phone, server.invitation("w-ncg-1"))
            assertEquals("done", report.code)
            assertEquals(1uL, report.stored, "changes that the server took")
            server.kill()
            val offline = firstVisit(phone, "an enrolled phone asks for no invitation")
            assertEquals("unreachable", offline.code)
            Device.open(phone).use { assertEquals(1uL, it.pending().waiting, "the visit waits") }
        }
    }
}
