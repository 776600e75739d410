using Bunit;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Signatures;
using Vigia.Tests.Components.Shared;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.Signatures;

public sealed class SignaturePromptTests : ComponentTest, IClassFixture<SignaturePromptTests.Portal>
{
    private static readonly SignedAction Delete = new(SignedAction.TenantDelete, "7");
    private readonly CoreHost _host;
    private readonly List<string?> _values = [];

    public SignaturePromptTests(Portal portal)
    {
        _host = portal.Host;
        Services.AddSingleton(_host.Get<OwnPasskeys>());
        Services.AddSingleton(_host.Get<OwnOidc>());
        Services.AddSingleton(Options.Create(new OidcOptions()));
    }

    /// <summary>The administrator has a passkey, and support has none.</summary>
    public sealed class Portal(PostgresServer server) : SharedCoreHost(server)
    {
        protected override Task FillAsync() => Host.Get<OwnPasskeys>().AddAsync(
            Host.Admin, new UserPasskeyInfo([1], [2], DateTimeOffset.UtcNow, 0, null, true, false, false, [5], [6]),
            "Llavero", CoreHost.AdminPassword, Cancellation);
    }

    [Fact]
    public void Prompt_WithoutAPasskey_AsksForThePasswordOnly()
    {
        JSInterop.Setup<bool>("vigia.passkeys.supported").SetResult(true);
        var prompt = Prompt(_host.Support);

        prompt.Find("input[type=password]").Input("una frase");

        prompt.WaitForAssertion(() => Assert.Equal("una frase", Assert.Single(_values)));
        Assert.Equal("Usted firma: mueve el cliente a la papelera", TextOf(prompt.Find("p")));
        Assert.Empty(prompt.FindAll("button"));
    }

    [Fact]
    public void Prompt_PasskeyGivesNoAnswer_ShowsTheErrorAtTheField()
    {
        JSInterop.Setup<bool>("vigia.passkeys.supported").SetResult(true);
        var prompt = Prompt(_host.Admin);
        prompt.WaitForAssertion(() => Assert.Equal("Usar clave de acceso", TextOf(prompt.Find("button"))));

        prompt.Find("button").Click();

        prompt.WaitForAssertion(() => Assert.Equal("true", prompt.Find("input").GetAttribute("aria-invalid")));
        Assert.Empty(_values);
    }

    [Fact]
    public void Prompt_OpenedByAnAddress_SaysThatNoPasskeyWorksThere()
    {
        JSInterop.Setup<bool>("vigia.passkeys.supported").SetResult(false);
        JSInterop.Setup<string?>("vigia.passkeys.obstacle").SetResult("address");

        var prompt = Prompt(_host.Admin);

        prompt.WaitForAssertion(() => Assert.StartsWith(
            "Las claves de acceso no sirven en una dirección IP", TextOf(prompt.Find(".field-help")),
            StringComparison.Ordinal));
        Assert.Empty(prompt.FindAll("button"));
    }

    [Fact]
    public async Task Prompt_ConfirmedForAnotherAction_DropsTheConfirmation()
    {
        var prompt = Prompt(_host.Support);
        var confirmation = Confirmations.Prefix + "one";
        await prompt.InvokeAsync(
            () => prompt.FindComponent<OidcConfirmButton>().Instance.Confirmed.InvokeAsync(confirmation));
        prompt.Render(p => p.Add(s => s.Value, confirmation));
        Assert.Equal("Confirmado con la cuenta de su empresa.", TextOf(prompt.Find("[role=status]")));
        Assert.Empty(prompt.FindAll("input"));

        prompt.Render(p => p.Add(s => s.What, Delete with { Target = "8" }));

        prompt.WaitForAssertion(() => Assert.Equal([confirmation, null], _values));
    }

    private IRenderedComponent<SignaturePrompt> Prompt(Actor actor) => Render<SignaturePrompt>(p => p
        .Add(s => s.Id, "firma").Add(s => s.What, Delete).Add(s => s.Actor, actor)
        .Add(s => s.ValueChanged, _values.Add).Add(s => s.Meaning, "mueve el cliente a la papelera"));
}
