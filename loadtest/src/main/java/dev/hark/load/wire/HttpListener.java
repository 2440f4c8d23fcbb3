package dev.hark.load.wire;

import java.net.ProtocolException;

/** What an {@link HttpResponseDecoder} found. Byte ranges are valid only during the call. */
public interface HttpListener {
    /** The head is complete: the decoder's accessors now describe this response. Interim (1xx) responses are not reported. */
    void onHead(HttpResponseDecoder response) throws ProtocolException;

    /** A piece of the body, freed from its chunks. */
    void onBody(byte[] bytes, int from, int to) throws ProtocolException;

    /** The response is complete. The next byte begins another one. */
    void onEnd() throws ProtocolException;
}
