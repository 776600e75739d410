using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser.SignIn;

/// <summary>The information that an outsider can read from the answers of the sign-in page.</summary>
public sealed partial class SignInAnswerTests(SignInAnswerTests.Slow host) : IClassFixture<SignInAnswerTests.Slow>
{
    private const string Elsewhere = "a-visitor@vigia.example";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_WrongPasswordUnknownOrDisabled_GivesTheSameBytes()
    {
        var known = await host.AddStaffAsync("Conocida Persona", StaffRoles.Support);
        var disabled = await host.AddStaffAsync("Cerrada Cuenta", StaffRoles.Support);
        await using (var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation))
        {
            await db.Users.Where(s => s.Id == disabled.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.DisabledAt, DateTimeOffset.UtcNow), Cancellation);
        }

        var answers = new[]
        {
            await AnswerAsync(known.Email!, "no-es-la-suya"), await AnswerAsync("nadie@vigia.example", "no-es-la-suya"),
            await AnswerAsync(disabled.Email!, "no-es-la-suya"),
            await AnswerAsync(disabled.Email!, SecondFactorPages.Password),
        };

        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        Assert.Contains("no coinciden", answers[0], StringComparison.Ordinal);
    }

    // Where the account exists, this refusal writes a record, which takes time. Nothing shows that, because all of them
    // end at the same time after they began.
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task SignIn_Refused_TakesAFixedTime(bool byApi, bool isKnown)
    {
        var email = isKnown
            ? (await host.AddStaffAsync($"Persona {byApi}", StaffRoles.Support)).Email! : $"{byApi}@vigia.example";
        using var visitor = PostedSignIn.Visitor(host);
        for (var i = 1; i < Slow.PerAccount; i++)
        {
            await using var scope = host.Scope();
            await scope.ServiceProvider.GetRequiredService<StaffCredentials>().CheckAsync(
                email, "x", null, new SignInOrigin("127.0.0.1", null), Cancellation);
        }

        // The form, and everything that happens only once, come before the clock is stopped.
        using var form = await PostedSignIn.FormAsync(visitor, email, "x", null, Cancellation);
        host.Time.Hold();
        var answer = byApi
            ? visitor.PostAsJsonAsync("/api/v1/admin/auth/token", new { email, password = "x" }, Cancellation)
            : visitor.PostAsync(PortalUrls.SignIn, form, Cancellation);
        await Eventually.HoldsAsync(
            "it waits", () => Task.FromResult(host.Time.IsWaited || answer.IsCompleted), Cancellation);

        Assert.True(host.Time.IsWaited);
        Assert.False(answer.IsCompleted);
        host.Time.Release();
        using var refused = await answer;
        Assert.Equal(byApi ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, refused.StatusCode);
    }

    [Fact]
    public async Task SignIn_TooManyTriesForOneAccount_OnlyThatOneIsRefused()
    {
        HttpResponseMessage? last = null;
        for (var i = 0; i <= Slow.PerAccount; i++)
        {
            last = await PostAsync(Elsewhere, "x");
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last!.StatusCode);
        Assert.InRange(int.Parse(last.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 60);
        var text = await last.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("Demasiados intentos seguidos.", text, StringComparison.Ordinal);
        Assert.Contains("account-card", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("another@vigia.example", "x")).StatusCode);
    }

    // Removes the parts that belong to the request or repeat it: sealed texts (those of Data Protection begin like
    // this) and the address that was typed.
    private async Task<string> AnswerAsync(string email, string password)
    {
        var answer = await PostAsync(email, password);
        var headers = string.Join(
            '\n', answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not "Date")
            .Select(h => $"{h.Key}: {string.Join(',', h.Value)}"));
        var content = Sealed().Replace(await answer.Content.ReadAsStringAsync(Cancellation), "")
            .Replace(email, "", StringComparison.Ordinal);
        return $"{(int)answer.StatusCode}\n{headers}\n{content}"
            .Replace($"Content-Length: {answer.Content.Headers.ContentLength}", "", StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> PostAsync(string email, string password)
    {
        using var visitor = PostedSignIn.Visitor(host);
        return await PostedSignIn.PostAsync(visitor, email, password, null, Cancellation);
    }

    [GeneratedRegex("CfDJ8[A-Za-z0-9_+/=-]+")]
    private static partial Regex Sealed();

    public sealed class Slow(PostgresServer server) : PortalHost(server)
    {
        public const int PerAccount = 4;

        public HeldTime Time { get; } = new(TimeSpan.FromMilliseconds(400));

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Staff:FailedSignInsPerAccount", PerAccount.ToString(CultureInfo.InvariantCulture));
            builder.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(Time));
        }
    }
}
