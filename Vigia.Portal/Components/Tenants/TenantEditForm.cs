using Vigia.Core.Errors;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>What was on the screen when editing began, and what has been typed since.</summary>
public sealed class TenantEditForm
{
    public TenantEditForm(TenantDetails seen)
    {
        Seen = seen;
        LegalName = seen.LegalName ?? "";
        AccessEmail = seen.AccessEmail ?? "";
        ContactName = seen.ContactName ?? "";
        Plan = seen.Plan ?? "";
        Environment = seen.Environment ?? "";
        Limits.Set(seen.LimitIssuance, seen.MaxDocuments, seen.MaxUsers, seen.MaxEstablishments);
    }

    public TenantDetails Seen { get; set; }
    public string LegalName { get; set; }
    public string AccessEmail { get; set; }
    public string ContactName { get; set; }
    public string Plan { get; set; }
    public string Environment { get; set; }
    public LimitInputs Limits { get; } = new();

    public TenantDetails Wanted => Limits.Into(Seen with
    {
        LegalName = LegalName,
        AccessEmail = AccessEmail,
        ContactName = ContactName,
        Plan = Plan.Length == 0 ? null : Plan,
        Environment = Environment.Length == 0 ? null : Environment,
    });

    /// <summary>Whether a limit is not as it was on the screen.</summary>
    public bool LimitsDiffer => Wanted is var wanted
        && (wanted.MaxUsers, wanted.MaxEstablishments, wanted.MaxDocuments, wanted.LimitIssuance) != (Seen.MaxUsers, Seen.MaxEstablishments, Seen.MaxDocuments, Seen.LimitIssuance);

    /// <summary>All that is wrong, by field; what an adopted row brought and nobody touched is the registry's to forgive.</summary>
    public Dictionary<string, IReadOnlyList<Message>> Problems()
    {
        var problems = new TenantDetailsValidator().Validate(Wanted).Messages().ToDictionary();
        Limits.AddProblems(problems);
        return problems;
    }

    /// <summary>Takes a present value as seen, so that saving again is a decision.</summary>
    public void See(IReadOnlyDictionary<string, object?> now)
    {
        T Now<T>(string field, T otherwise) => now.TryGetValue(field, out var value) ? (T)value! : otherwise;
        Seen = Seen with
        {
            LegalName = Now("razon_social", Seen.LegalName),
            AccessEmail = Now("correo_acceso", Seen.AccessEmail),
            ContactName = Now("contacto_nombre", Seen.ContactName),
            Plan = Now("plan", Seen.Plan),
            Environment = Now("entorno", Seen.Environment),
            LimitIssuance = Now("limitar_emision", Seen.LimitIssuance),
            MaxDocuments = Now("max_comprobantes", Seen.MaxDocuments),
            MaxUsers = Now("max_usuarios", Seen.MaxUsers),
            MaxEstablishments = Now("max_establecimientos", Seen.MaxEstablishments),
        };
    }
}
