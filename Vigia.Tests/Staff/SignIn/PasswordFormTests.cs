using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.SignIn;

/// <summary>A password is the same however its letters were typed: ñ as one code point, or as n with a tilde.</summary>
public sealed class PasswordFormTests(PostgresServer server) : CoreTestBase(server)
{
    private const string Email = "ana@vigia.test";
    private const string Password = "El-ñandú-corrió-ﬁel-81";

    protected override bool Workers => false;

    public static TheoryData<NormalizationForm> Forms =>
        [NormalizationForm.FormC, NormalizationForm.FormD, NormalizationForm.FormKC, NormalizationForm.FormKD];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Check_EveryUnicodeForm_IsTheSamePassword(NormalizationForm form)
    {
        await Host.Get<OwnPassword>().ChangeAsync(
            Host.Admin, CoreHost.AdminPassword, Password.Normalize(form), null, andTokens: false, Cancellation);

        Assert.All(
            await Task.WhenAll(Enum.GetValues<NormalizationForm>().Select(f => CheckAsync(Password.Normalize(f)))),
            outcome => Assert.Equal(CredentialOutcome.Accepted, outcome));
        Assert.Equal(CredentialOutcome.Refused, await CheckAsync("El-nandu-corrio-fiel-81"));
    }

    [Fact]
    public async Task Check_HashOfAnEarlierBuild_IsAcceptedAndReplaced()
    {
        var typed = Password.Normalize(NormalizationForm.FormD);
        await using (var db = await Host.OpenMasterAsync())
        {
            var ana = await db.Users.AsTracking().SingleAsync(s => s.Email == Email, Cancellation);
            ana.PasswordHash = new PasswordHasher<StaffMember>().HashPassword(ana, typed);
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal(CredentialOutcome.Accepted, await CheckAsync(typed));
        Assert.Equal(CredentialOutcome.Accepted, await CheckAsync(Password));
    }

    // Text that is no Unicode is no password, and no error.
    [Fact]
    public async Task Check_LoneSurrogate_IsRefused() =>
        Assert.Equal(CredentialOutcome.Refused, await CheckAsync("ñ\ud800"));

    private async Task<CredentialOutcome> CheckAsync(string password)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<StaffCredentials>()
            .CheckAsync(Email, password, null, new SignInOrigin("192.0.2.7", null), Cancellation)).Outcome;
    }
}
