package doorstep

import kotlinx.coroutines.channels.Channel.Factory.RENDEZVOUS
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.channels.trySendBlocking
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow

/**
 * What happens on this device while somebody collects: documents that change, how syncs go, what is set aside. Cancelling the
 * collection ends the listening.
 *
 * The first is always [News.ManyChanged], once the listening has begun: a screen that reads what it shows whenever it is told
 * so has no gap between its first look and the first change.
 *
 * A slow collector holds up nobody and misses nothing that still matters: meanwhile the device gathers what changed and tells it
 * in one.
 */
public fun Device.news(): Flow<News> = callbackFlow {
    val observation = observe(
        object : Listener {
            // On the device's own thread for news, which may wait; a collection that ended takes nothing more.
            override fun heard(news: News) {
                trySendBlocking(news)
            }
        },
    )
    send(News.ManyChanged)
    awaitClose {
        observation.end()
        observation.close()
    }
}.buffer(RENDEZVOUS)
