package doorstep

import java.nio.file.Path
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.channels.Channel as Post
import kotlinx.coroutines.channels.Channel.Factory.UNLIMITED
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class NewsTest {
    @Test
    fun `whoever collects hears first that all is to be read, then what a tap and what a sync changed`(@TempDir folder: Path) =
        phones(folder) { _, worker, lead ->
            val atWorker = Post<News>(UNLIMITED)
            val atLead = Post<News>(UNLIMITED)
            val listening = listOf(worker to atWorker, lead to atLead).map { (phone, heard) ->
                launch { phone.news().collect(heard::send) }
            }
            assertEquals(listOf(News.ManyChanged, News.ManyChanged), listOf(atWorker, atLead).map { it.next { true } })
            val case = worker.report(LEAK).id
            atWorker.next { it is News.Changed && it.ids == listOf(case) }
            for (phone in listOf(worker, lead)) sync(phone)
            atWorker.next { it is News.Progress && it.progress.phase == SyncPhase.ENDED && it.progress.waiting == 0uL }
            atLead.next { it is News.Changed && it.ids == listOf(case) }
            for (one in listening) one.cancel()
        }

    @Test
    fun `a collector that takes its time misses nothing that still matters`(@TempDir folder: Path) =
        phones(folder) { _, worker, _ ->
            val taps = 300
            val heard = HashSet<String>()
            var all: Set<String> = emptySet()
            val heardOfAll: suspend (News) -> Boolean = { news ->
                when (news) {
                    // The listening has begun, and whoever listens is busy with this: meanwhile all this happens.
                    News.ManyChanged -> if (all.isEmpty()) {
                        all = (0 until taps).map { worker.report(LEAK).id }.toSet()
                    } else {
                        heard += worker.rows(RowQuery(kind = DocKind.CASE, limit = 500u)).rows.map { it.id }
                    }
                    is News.Changed -> heard += news.ids
                    else -> Unit
                }
                heard.containsAll(all) && all.isNotEmpty()
            }
            val last = withTimeoutOrNull(1.minutes) { worker.news().first(heardOfAll) }
            assertNotNull(last, "a minute went by, and of $taps cases ${heard.size} were heard of")
        }

    @Test
    fun `whoever leaves a flow lets go of it, and the next begins anew`(@TempDir folder: Path) = phones(folder) { _, worker, _ ->
        repeat(3) { assertEquals(News.ManyChanged, worker.news().first()) }
        assertTrue(worker.report(LEAK).id.isNotEmpty())
    }

    /** The next that is wanted; whoever waits in vain fails after a minute. */
    private suspend fun ReceiveChannel<News>.next(wanted: (News) -> Boolean): News = withTimeout(1.minutes) {
        var news = receive()
        while (!wanted(news)) news = receive()
        news
    }
}
