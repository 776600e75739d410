using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>
/// A virtual device with passkeys on one page of the browser. By default it confirms its owner's presence.
/// </summary>
internal sealed class VirtualAuthenticator
{
    private readonly ICDPSession _devtools;
    private readonly string _id;

    private VirtualAuthenticator(ICDPSession devtools, string id) => (_devtools, _id) = (devtools, id);

    public static async Task<VirtualAuthenticator> AttachAsync(IPage page)
    {
        var devtools = await page.Context.NewCDPSessionAsync(page);
        await devtools.SendAsync("WebAuthn.enable");
        var added = await devtools.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true,
                ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
        return new VirtualAuthenticator(devtools, added!.Value.GetProperty("authenticatorId").GetString()!);
    }

    /// <summary>A passkey belongs to a host name. An IP address can have none.</summary>
    public static string At(PortalHost host, string path) => $"http://localhost:{host.Address.Port}{path}";

    /// <summary>Puts a passkey of a member of staff, which the portal knows already, on the device.</summary>
    public Task HoldAsync(TestPasskey passkey, Guid staffId) =>
        _devtools.SendAsync("WebAuthn.addCredential", new Dictionary<string, object>
        {
            ["authenticatorId"] = _id,
            ["credential"] = new Dictionary<string, object>
            {
                ["credentialId"] = Convert.ToBase64String(passkey.Info.CredentialId), ["isResidentCredential"] = true,
                ["rpId"] = "localhost",
                ["privateKey"] = Convert.ToBase64String(passkey.PrivateKey),
                ["userHandle"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(staffId.ToString())), ["signCount"] = 1,
            },
        });

    /// <summary>Gives a member of staff a passkey, both in the portal and on this device.</summary>
    public async Task<TestPasskey> GiveAsync(PortalHost host, StaffMember member, string role)
    {
        var passkey = TestPasskey.Create("Llave");
        await host.Services.GetRequiredService<OwnPasskeys>()
            .AddAsync(SecondFactorPages.ActorOf(member, role), passkey.Info, "Llave", SecondFactorPages.Password,
            TestContext.Current.CancellationToken);
        await HoldAsync(passkey, member.Id);

        // An answer about a session may be a second old.
        var gate = host.Services.GetRequiredService<SessionGate>();
        await host.InMasterAsync(async db =>
        {
            var open = await db.Set<SignInSession>().Where(s => s.StaffId == member.Id && s.EndedAt == null)
                .Select(s => s.Id).ToListAsync(TestContext.Current.CancellationToken);
            foreach (var session in open)
            {
                await Eventually.HoldsAsync(
                    "the sign-in knows of the passkey",
                    async () => (await gate.ReadAsync(session, TestContext.Current.CancellationToken))!.HasPasskey,
                    TestContext.Current.CancellationToken);
            }
        });
        return passkey;
    }

    /// <summary>Removes all passkeys from the device.</summary>
    public Task ForgetAsync() =>
        _devtools.SendAsync("WebAuthn.clearCredentials", new Dictionary<string, object> { ["authenticatorId"] = _id });

    /// <summary>Sets whether the device confirms its owner's presence.</summary>
    public Task VerifyAsync(bool there) =>
        _devtools.SendAsync(
        "WebAuthn.setUserVerified", new Dictionary<string, object>
        { ["authenticatorId"] = _id, ["isUserVerified"] = there });
}
