using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

public class HubOptions
{
    public string Url { get; set; } = "http://127.0.0.1:8080";
    public string SecretFile { get; set; } = "../app.secret";
    public string KeyFile { get; set; } = "../service.key";
}

/// <summary>The hub, for whoever publishes, and tokens for whoever listens.</summary>
public class Hub
{
    private const int Attempts = 8;
    private static readonly TimeSpan TokenAge = TimeSpan.FromMinutes(5);

    private readonly HttpClient client;
    private readonly string secret;

    public Hub(HttpClient client, IOptions<HubOptions> options)
    {
        Url = options.Value.Url;
        secret = File.ReadAllText(options.Value.SecretFile).Trim();
        this.client = client;
        client.BaseAddress = new Uri(Url);
        client.Timeout = TimeSpan.FromSeconds(5);
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", File.ReadLines(options.Value.KeyFile).First());
    }

    public string Url { get; }

    /// <summary>
    /// Publishes exactly once, however often it has to ask: what the hub has already under the key, it does not store again.
    /// </summary>
    public async Task PublishAsync(string topic, object data, string idempotencyKey, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            // A request can be sent once, so each attempt has one of its own.
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/topics/{topic}") { Content = JsonContent.Create(data) };
            request.Headers.Add("Idempotency-Key", idempotencyKey);
            var wait = TimeSpan.FromSeconds(0.1 * Math.Pow(2, attempt));
            try
            {
                using var answer = await client.SendAsync(request, cancellation);
                if (answer.IsSuccessStatusCode) return;
                var mayPass = answer.StatusCode == HttpStatusCode.TooManyRequests || (int)answer.StatusCode >= 500;
                if (!mayPass || attempt == Attempts)
                {
                    var why = await answer.Content.ReadAsStringAsync(cancellation);
                    throw new InvalidOperationException($"the hub answered {(int)answer.StatusCode}: {why}");
                }
                wait = answer.Headers.RetryAfter?.Delta ?? wait;
            }
            catch (Exception e) when (attempt < Attempts && !cancellation.IsCancellationRequested
                && e is HttpRequestException or TaskCanceledException)
            {
                // No answer: it may have been stored or not, and the key makes that no matter.
            }
            await Task.Delay(wait, cancellation);
        }
    }

    /// <summary>A JSON Web Token that says to the hub who this is: what they may hear follows from <c>sub</c>.</summary>
    public string Token(string user)
    {
        var now = DateTimeOffset.UtcNow;
        var claims = new
        {
            iss = "shop", aud = "hark", sub = user, iat = now.ToUnixTimeSeconds(), exp = (now + TokenAge).ToUnixTimeSeconds(),
        };
        var signed = Part(JsonSerializer.SerializeToUtf8Bytes(new { alg = "HS256", typ = "JWT" }))
            + "." + Part(JsonSerializer.SerializeToUtf8Bytes(claims));
        return signed + "." + Part(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed)));
    }

    private static string Part(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
