using Bunit;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class StateChipTests : ComponentTest
{
    private static IEnumerable<StateLook> All =>
    [
        .. Enum.GetValues<TenantStatus>().Except([TenantStatus.Withdrawn, TenantStatus.Ready])
            .Select(StateLook.Tenant),
        StateLook.Unmarked,
        .. Enum.GetValues<StaffState>().Select(StateLook.Staff),
        .. Enum.GetValues<OperationState>().Select(StateLook.Operation),
        .. Enum.GetValues<StepState>().Select(StateLook.Step),
        .. Enum.GetValues<SchemaStanding>().Select(StateLook.Schema),
        .. Enum.GetValues<OperationItemState>().Select(StateLook.Item),
    ];

    [Theory]
    [InlineData("es-PE")]
    [InlineData("en")]
    public void StateChip_EveryState_HasASignAndAWord(string language)
    {
        Speak(language);
        foreach (var look in All)
        {
            var chip = Render<StateChip>(p => p.Add(c => c.Look, look));

            Assert.NotEqual(look.TextKey, TextOf(chip.Find(".state-chip")));
            Assert.Equal("true", Assert.Single(chip.FindAll("svg")).GetAttribute("aria-hidden"));
            Assert.Contains($"tone-{look.Tone}".ToLowerInvariant(), chip.Find(".state-chip").ClassList);
            Assert.Equal(look.Busy, chip.FindAll(".turning").Count == 1);
        }
    }

    [Theory]
    [InlineData("es-PE", "Activo")]
    [InlineData("en", "Active")]
    public void StateChip_Text_IsInTheLanguageUnlessAnotherIsGiven(string language, string text)
    {
        Speak(language);
        var chip = Render<StateChip>(p => p.Add(c => c.Look, StateLook.Tenant(TenantStatus.Active)));
        Assert.Equal(text, TextOf(chip.Find(".state-chip")));

        chip.Render(p => p.Add(c => c.Text, "Con motivo").Add(c => c.Title, "Falta de pago"));

        Assert.Equal("Con motivo", TextOf(chip.Find(".state-chip")));
        Assert.Equal("Falta de pago", chip.Find(".state-chip").GetAttribute("title"));
    }
}
