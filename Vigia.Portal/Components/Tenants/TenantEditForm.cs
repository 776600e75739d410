using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The values that were on the screen when editing began, and the current input.</summary>
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
        Limits.Set(seen);
    }

    public TenantDetails Seen { get; set; }
    public string LegalName { get; set; }
    public string AccessEmail { get; set; }
    public string ContactName { get; set; }
    public string Plan { get; set; }
    public string Environment { get; set; }
    public LimitInputs Limits { get; } = new();

    /// <summary>Whether the present limits stay although the plan changes.</summary>
    public bool KeepsLimits { get; set; }

    public TenantDetails Wanted => Limits.Into(Seen with
    {
        LegalName = LegalName,
        AccessEmail = AccessEmail,
        ContactName = ContactName,
        Plan = Plan.Length == 0 ? null : Plan,
        Environment = Environment.Length == 0 ? null : Environment,
    });

    /// <summary>The tenant that the form was created for.</summary>
    public int TenantId => Seen.TenantId ?? throw new InvalidOperationException("A form is made from a tenant's row.");

    /// <summary>Whether a limit differs from its value on the screen.</summary>
    public bool LimitsDiffer => Wanted is var wanted
        && (wanted.MaxUsers, wanted.MaxEstablishments, wanted.MaxDocuments, wanted.LimitIssuance) != (
            Seen.MaxUsers, Seen.MaxEstablishments, Seen.MaxDocuments, Seen.LimitIssuance);

    /// <summary>Whether the form has the same values as <paramref name="details"/>.</summary>
    public bool IsLike(TenantDetails details) => new TenantEditForm(details).Texts() == Texts();

    /// <summary>
    /// Fills in the limits of a plan that was chosen. Those of the tenant's own plan, and those that shall stay, are
    /// the present ones.
    /// </summary>
    public void UseLimitsOf(Plan? plan) =>
        Limits.Set(KeepsLimits || plan is null || plan.Code == Seen.Plan ? Seen : Seen.WithLimitsOf(plan));

    /// <summary>Restores typed text, by the ids of the fields. A plan brings the limits that were not typed.</summary>
    public void Restore(IReadOnlyDictionary<string, string> typed, IReadOnlyList<Plan> plans)
    {
        LegalName = typed.GetValueOrDefault("razon_social", LegalName);
        AccessEmail = typed.GetValueOrDefault("correo_acceso", AccessEmail);
        ContactName = typed.GetValueOrDefault("contacto_nombre", ContactName);
        Plan = typed.GetValueOrDefault("plan", Plan);
        Environment = typed.GetValueOrDefault("entorno", Environment);
        KeepsLimits = typed.GetValueOrDefault("conservar_limites") == "true";
        UseLimitsOf(plans.FirstOrDefault(plan => plan.Code == Plan));
        Limits.Restore(typed);
    }

    /// <summary>
    /// All errors, by field. The registry decides whether to accept an invalid value of an adopted row that was not
    /// changed.
    /// </summary>
    public Dictionary<string, IReadOnlyList<Message>> Problems()
    {
        var problems = new TenantDetailsValidator().Validate(Wanted).Messages().ToDictionary();
        Limits.AddProblems(problems);
        return problems;
    }

    private (string, string, string, string, string, bool, string, string, string) Texts() =>
    (
        LegalName, AccessEmail, ContactName, Plan, Environment,
        Limits.LimitIssuance, Limits.MaxDocuments, Limits.MaxUsers, Limits.MaxEstablishments);

    /// <summary>Treats the current values of the row as seen, so that a second save is a deliberate decision.</summary>
    public void AcceptCurrent(IReadOnlyDictionary<string, object?> now)
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
