package doorstep

import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.time.Duration

/** A host's own HTTP client, as an app brings OkHttp along: here the JDK's. */
class OwnClient : HttpTransport {
    private val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()

    /** Requests so far. */
    var sent = 0
        private set

    override fun send(request: HttpRequest): HttpResponse {
        sent += 1
        val body = if (request.method == "POST") BodyPublishers.ofByteArray(request.body) else BodyPublishers.noBody()
        val wanted = java.net.http.HttpRequest.newBuilder(URI(request.url))
            .timeout(Duration.ofSeconds(30)).method(request.method, body)
        for (header in request.headers) wanted.header(header.name, header.value)
        val answer = try {
            client.send(wanted.build(), BodyHandlers.ofInputStream())
        } catch (_: IOException) {
            throw TransportFailure.Unreachable()
        }
        val most = request.answerMax.toInt()
        val bytes = answer.body().use { it.readNBytes(most + 1) }
        val headers = answer.headers().map().flatMap { (name, values) -> values.map { HttpHeader(name, it) } }
        return HttpResponse(answer.statusCode().toUShort(), headers, bytes, bytes.size <= most)
    }
}
