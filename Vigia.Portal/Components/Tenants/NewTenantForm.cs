using System.Globalization;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The input on the form for a new tenant, as text, and its errors by field.</summary>
internal sealed class NewTenantForm
{
    public string Ruc { get; set; } = "";
    public string LegalName { get; set; } = "";
    public string Subdomain { get; set; } = "";
    public string AccessEmail { get; set; } = "";
    public string ContactName { get; set; } = "";
    public string Plan { get; set; } = "";
    public string Environment { get; set; } = TenantEnvironments.Production;
    public bool Provision { get; set; } = true;
    public LimitInputs Limits { get; } = new();

    /// <summary>Whether the sub-domain follows the name. False once the person types one.</summary>
    public bool ProposesSubdomain { get; set; } = true;

    public void Use(Plan plan)
    {
        Plan = plan.Code;
        Limits.Set(plan);
    }

    /// <summary>Restores the input of a lost circuit, by the ids of the fields.</summary>
    public void Restore(IReadOnlyDictionary<string, string> draft)
    {
        Ruc = draft.GetValueOrDefault("ruc", Ruc);
        LegalName = draft.GetValueOrDefault("razon_social", LegalName);
        AccessEmail = draft.GetValueOrDefault("correo_acceso", AccessEmail);
        ContactName = draft.GetValueOrDefault("contacto_nombre", ContactName);
        Environment = draft.GetValueOrDefault("entorno", Environment);
        Provision = draft.GetValueOrDefault("provision", "true") == "true";
        if (draft.TryGetValue("subdominio", out var subdomain))
        {
            (Subdomain, ProposesSubdomain) = (subdomain, false);
        }
        else
        {
            Subdomain = SubdomainProposal.From(LegalName);
        }

        Limits.Restore(draft);
    }

    public RegisterTenant ToRequest() => new()
    {
        Ruc = Ruc,
        Subdomain = Subdomain,
        Provision = Provision,
        Details = Limits.Into(new TenantDetails
        {
            LegalName = LegalName,
            AccessEmail = AccessEmail,
            ContactName = ContactName,
            Plan = Plan,
            Environment = Environment,
        }),
    };

    /// <summary>All errors, by field.</summary>
    public Dictionary<string, IReadOnlyList<Message>> Problems()
    {
        var problems = new RegisterTenantValidator().Validate(ToRequest()).Messages().ToDictionary();
        Limits.AddProblems(problems);
        return problems;
    }
}

/// <summary>The four limits as text, because the input may not be a number. An empty field means no limit.</summary>
public sealed class LimitInputs
{
    public bool LimitIssuance { get; set; }
    public string MaxDocuments { get; set; } = "";
    public string MaxUsers { get; set; } = "";
    public string MaxEstablishments { get; set; } = "";

    /// <summary>Sets limits.</summary>
    /// <returns>The values of the fields that are others now, by the ids of the fields.</returns>
    public IReadOnlyDictionary<string, string> Changed(Action set)
    {
        var before = ToFields();
        set();
        return ToFields().Except(before).ToDictionary();
    }

    public void Set(TenantDetails details)
    {
        LimitIssuance = details.LimitIssuance;
        (MaxDocuments, MaxUsers, MaxEstablishments) =
            (Text(details.MaxDocuments), Text(details.MaxUsers), Text(details.MaxEstablishments));
    }

    public void Set(Plan plan) => Set(new TenantDetails().WithLimitsOf(plan));

    public void Restore(IReadOnlyDictionary<string, string> draft)
    {
        LimitIssuance = draft.TryGetValue("limitar_emision", out var limited) ? limited == "true" : LimitIssuance;
        MaxDocuments = draft.GetValueOrDefault("max_comprobantes", MaxDocuments);
        MaxUsers = draft.GetValueOrDefault("max_usuarios", MaxUsers);
        MaxEstablishments = draft.GetValueOrDefault("max_establecimientos", MaxEstablishments);
    }

    // As Restore reads them.
    private Dictionary<string, string> ToFields() => new()
    {
        ["limitar_emision"] = LimitIssuance ? "true" : "false",
        ["max_comprobantes"] = MaxDocuments,
        ["max_usuarios"] = MaxUsers,
        ["max_establecimientos"] = MaxEstablishments,
    };

    public TenantDetails Into(TenantDetails details) => details with
    {
        LimitIssuance = LimitIssuance,
        MaxDocuments = Number(MaxDocuments),
        MaxUsers = Number(MaxUsers),
        MaxEstablishments = Number(MaxEstablishments),
    };

    public void AddProblems(Dictionary<string, IReadOnlyList<Message>> problems)
    {
        foreach (var (field, text) in new[] { ("max_comprobantes", MaxDocuments), ("max_usuarios", MaxUsers),
            ("max_establecimientos", MaxEstablishments) })
        {
            if (!string.IsNullOrWhiteSpace(text) && Number(text) is null)
            {
                problems[field] = [new Message("limit_no_number")];
            }
        }
    }

    private static string Text(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    // A person may type "3 000", "3,000" or "3000" for the same number.
    private static long? Number(string text)
    {
        var digits = text.Replace(",", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number : null;
    }
}
