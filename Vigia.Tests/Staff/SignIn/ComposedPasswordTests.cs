using System.Text;
using Microsoft.AspNetCore.Identity;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.SignIn;

/// <summary>A password with ñ or accents is one password, however the keyboard writes it.</summary>
public sealed class ComposedPasswordTests(PostgresServer server) : SignInTestBase(server)
{
    private const string Composed = "Se\u00f1al de lluvia en oto\u00f1o \u00fa9";

    private static readonly string Decomposed = Composed.Normalize(NormalizationForm.FormD);

    protected override bool CountsHashes => false;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Check_OtherUnicodeForm_IsAccepted(bool isSetComposed)
    {
        await Host.Get<OwnPassword>().ChangeAsync(
            Host.Admin, CoreHost.AdminPassword, isSetComposed ? Composed : Decomposed, null, andTokens: false,
            Cancellation);

        Assert.Equal(CredentialOutcome.Accepted, (await CheckAsync(Composed)).Outcome);
        Assert.Equal(CredentialOutcome.Accepted, (await CheckAsync(Decomposed)).Outcome);
        Assert.Equal(CredentialOutcome.Refused, (await CheckAsync("Senal de lluvia en otono u9")).Outcome);
    }

    [Fact]
    public async Task Check_HashOfTheUnnormalizedText_IsAcceptedAndReplaced()
    {
        var old = new PasswordHasher<StaffMember>().HashPassword(new StaffMember(), Decomposed);
        await ChangeAsync(ana => ana.PasswordHash = old);

        Assert.Equal(CredentialOutcome.Accepted, (await CheckAsync(Decomposed)).Outcome);

        Assert.NotEqual(old, (await AnaAsync()).PasswordHash);
        Assert.Equal(CredentialOutcome.Accepted, (await CheckAsync(Composed)).Outcome);
    }
}
