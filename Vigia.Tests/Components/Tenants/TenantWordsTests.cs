using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.Tenants;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Tenants;

public sealed class TenantWordsTests : ComponentTest
{
    private IStringLocalizer<TenantText> Texts => Services.GetRequiredService<IStringLocalizer<TenantText>>();

    [Theory]
    [InlineData("20131312955", "Razón social")]
    [InlineData("10467793549", "Apellidos y nombres")]
    [InlineData("15-", "Apellidos y nombres")]
    [InlineData("1", "Razón social")]
    [InlineData(null, "Razón social")]
    public void NameLabel_TellsPersonsFromCompanies(string? ruc, string label) =>
        Assert.Equal(label, NameLabel.Of(ruc, Services.GetRequiredService<IStringLocalizer<SharedText>>()));

    [Theory]
    [InlineData("20131312955", "razon_social", "razón social")]
    [InlineData("10467793549", "razon_social", "apellidos y nombres")]
    [InlineData("10467793549", "plan", "plan")]
    public void FieldOf_AChange_IsSaidAsItIsCalledOnTheForm(string ruc, string field, string name) =>
        Assert.Equal(name, Message.FieldNames([NameLabel.FieldOf(ruc, field)]));

    [Theory]
    [InlineData("es-PE", 1, "1 usuario · 1 estab. · 1 compr./mes")]
    [InlineData("en", 1, "1 user · 1 est. · 1 doc/month")]
    [InlineData("en", 2000, "2,000 users · 2,000 est. · 2,000 docs/month")]
    public void Limits_CountInTheRightNumber(string language, int limit, string words)
    {
        Speak(language);

        Assert.Equal(words, TenantWords.Limits(limit, limit, limitIssuance: true, limit, Texts));
    }

    // A row may hold a code that another program wrote.
    [Theory]
    [InlineData("demo", "Demo")]
    [InlineData("pruebas", "pruebas")]
    public void Environment_Unknown_IsShownAsItIs(string code, string words) =>
        Assert.Equal(words, TenantWords.Environment(code, Texts));
}
