package dev.hark.app.hook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.config.HookSettings.Secret;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** By the example that the libraries of Standard Webhooks are tested with. */
class SignerTest {
    private static final Secret SECRET = new Secret(Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(UTF_8);
    private static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    @Test
    void signsAsTheSpecificationSays() {
        assertThat(new Signer(List.of(SECRET)).sign(ID, 1_614_265_330, BODY)).isEqualTo(SIGNATURE);
    }

    @Test
    void signsWithEachSecretWhileTheyChange() {
        String both = new Signer(List.of(new Secret(new byte[24]), SECRET)).sign(ID, 1_614_265_330, BODY);

        assertThat(both.split(" ")).hasSize(2).contains(SIGNATURE).allSatisfy(each -> assertThat(each).startsWith("v1,"));
    }

    @Test
    void coversIdAndTimeAndBody() {
        var signer = new Signer(List.of(SECRET));

        assertThat(signer.sign("msg_other", 1_614_265_330, BODY)).isNotEqualTo(SIGNATURE);
        assertThat(signer.sign(ID, 1_614_265_331, BODY)).isNotEqualTo(SIGNATURE);
        assertThat(signer.sign(ID, 1_614_265_330, "{\"test\": 2432232315}".getBytes(UTF_8))).isNotEqualTo(SIGNATURE);
    }
}
