using Microsoft.Extensions.Localization;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Portal.Components.Shared;

/// <summary>The label of a tenant's name: a company has a <em>razón social</em>, a person has names.</summary>
public static class NameLabel
{
    /// <summary>The label of the name of the tenant with this RUC, as far as it was typed.</summary>
    public static string Of(string? ruc, IStringLocalizer<SharedText> texts) =>
        texts[Ruc.IsOfPerson(ruc) ? "PersonName" : "LegalName"];

    /// <summary>The name of a changed field in texts about the tenant with this RUC.</summary>
    public static string FieldOf(string? ruc, string field) =>
        field == "razon_social" && Ruc.IsOfPerson(ruc) ? "apellidos_nombres" : field;
}
