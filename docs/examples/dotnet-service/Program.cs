// A shop with a page: it knows who is logged in, gives their page a token for the hub, and publishes what happens to orders.
using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, WebRootPath = "../plain-page" });
builder.Services.Configure<HubOptions>(builder.Configuration.GetSection("Hub"));
builder.Services.AddHttpClient<Hub>();
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
{
    cookie.Cookie.SameSite = SameSiteMode.Strict;
    // A page's script wants to know, and not to be sent to a form.
    cookie.Events.OnRedirectToLogin = redirect =>
    {
        redirect.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    };
});
builder.Services.AddAuthorization();

var app = builder.Build();
var users = new[] { "bob", "alice" };
var orders = new ConcurrentDictionary<int, Order>(
    Enumerable.Range(1, 100).Select(number => KeyValuePair.Create(number, new Order(number, users[number % 2], "paid"))));

app.UseDefaultFiles();
app.UseStaticFiles();
app.UseAuthentication();
app.UseAuthorization();

// Put your own login here: this one believes everybody.
app.MapPost("/login", async (Login login, HttpContext context) =>
{
    if (!users.Contains(login.User)) return Results.BadRequest();
    var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, login.User)], CookieAuthenticationDefaults.AuthenticationScheme);
    await context.SignInAsync(new ClaimsPrincipal(identity));
    return Results.Ok();
});

app.MapGet("/me", (HttpContext context, Hub hub) => new { user = context.User.Identity?.Name, hub = hub.Url });

app.MapGet("/token", (HttpContext context, Hub hub) => Results.Text(hub.Token(context.User.Identity!.Name!))).RequireAuthorization();

app.MapPost("/orders/{number:int}/ship", async (int number, Hub hub, CancellationToken cancellation) =>
{
    if (!orders.TryGetValue(number, out var order)) return Results.NotFound();
    var shipped = orders[number] = order with { State = "shipped" };
    // The key says what happened, not when it was tried: whoever ships again publishes nothing new.
    await hub.PublishAsync($"users/{shipped.User}/notifications",
        new { order = number, text = $"Order {number} is on its way." }, $"order-{number}-shipped", cancellation);
    return Results.Ok(shipped);
});

app.Run("http://127.0.0.1:8000");

record Login(string User);

record Order(int Number, string User, string State);
