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
    public void NameLabel_OfARuc_DistinguishesPersonsFromCompanies(string? ruc, string label) =>
        Assert.Equal(label, NameLabel.Of(ruc, Services.GetRequiredService<IStringLocalizer<SharedText>>()));

    [Theory]
    [InlineData("20131312955", "razon_social", "razón social")]
    [InlineData("10467793549", "razon_social", "apellidos y nombres")]
    [InlineData("10467793549", "plan", "plan")]
    public void FieldOf_AChange_HasTheNameThatTheFormShows(string ruc, string field, string name) =>
        Assert.Equal(name, Message.FieldNames([NameLabel.FieldOf(ruc, field)]));

    [Theory]
    [InlineData("es-PE", 1, "1 usuario · 1 establecimiento · 1 comprobante al mes")]
    [InlineData("en", 1, "1 user · 1 establishment · 1 document a month")]
    [InlineData("en", 2000, "2,000 users · 2,000 establishments · 2,000 documents a month")]
    public void Limits_OneOrMany_UseSingularOrPlural(string language, int limit, string words)
    {
        Speak(language);

        Assert.Equal(words, TenantWords.Limits(limit, limit, limitIssuance: true, limit, Texts));
    }

    // A row may hold a code that another program wrote.
    [Theory]
    [InlineData("demo", "Demo")]
    [InlineData("pruebas", "pruebas")]
    public void Environment_Unknown_IsShownUnchanged(string code, string words) =>
        Assert.Equal(words, TenantWords.Environment(code, Texts));
}
