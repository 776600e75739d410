using System.Buffers.Text;
using System.Text;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.SignIn;

/// <summary>A passkey's challenge is the portal's own and is used once.</summary>
public sealed class PasskeyChallengeTests(PostgresServer server) : SignInTestBase(server)
{
    private const string Challenge = "q83vEjRWeJCrze8SNFZ4kA";

    private PasskeyChallenges Challenges => Host.Get<PasskeyChallenges>();

    [Fact]
    public async Task Redeem_TwiceAtOnce_WorksOnce()
    {
        var options = $$"""{"challenge":"{{Challenge}}","rpId":"localhost"}""";
        Assert.Equal(options, await Challenges.IssueAsync(options, Cancellation));

        var taken = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => Challenges.RedeemAsync(Answer(Challenge), Cancellation)));

        Assert.Single(taken, true);
    }

    [Fact]
    public async Task Redeem_ExpiredOrForeign_IsRefused()
    {
        await Challenges.IssueAsync($$"""{"challenge":"{{Challenge}}"}""", Cancellation);
        foreach (var answer in new[]
        {
            Answer("AAAAEjRWeJCrze8SNFZ4kA"), "{}", "", "[]", "{", """{"response":{"clientDataJSON":7}}""",
            """{"response":{"clientDataJSON":"%%"}}""", """{"response":"x"}""", """{"response":1,"response":2}""",
            """{"response":{"clientDataJSON":"","clientDataJSON":""}}""",
            AnswerWith($$"""{"challenge":"{{Challenge}}","challenge":"{{Challenge}}"}"""),
            AnswerWith("""{"challenge":"\ud800"}"""), AnswerWith("\u0000"), AnswerWith("null"),
        })
        {
            Assert.False(await Challenges.RedeemAsync(answer, Cancellation), answer);
        }

        Time.Advance(PasskeyChallenges.Lifetime);
        Assert.False(await Challenges.RedeemAsync(Answer(Challenge), Cancellation));
    }

    private static string Answer(string challenge) =>
        AnswerWith($$"""{"type":"webauthn.get","challenge":"{{challenge}}"}""");

    private static string AnswerWith(string data) =>
        $$$"""{"response":{"clientDataJSON":"{{{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(data))}}}"}}""";
}
