using System.Text.Json.Nodes;
using Vigia.Core.Diagnosis;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Tenancy;
using Vigia.Portal.Api.TenantSide;
using Vigia.Portal.Components.SignIn;

namespace Vigia.Portal.Api.Documentation;

/// <summary>The constraints of a field beyond its type.</summary>
internal sealed record FieldRule
{
    public int? Longest { get; init; }
    public int? Least { get; init; }
    public int? Most { get; init; }
    public string? Format { get; init; }
    public string? Pattern { get; init; }
    public IReadOnlyList<string>? Choices { get; init; }
}

/// <summary>The constraints of fields for the document. The services enforce them.</summary>
internal static class FieldRules
{
    private static readonly Dictionary<Type, string[]> Required = new()
    {
        [typeof(TokenRequest)] = ["email", "password"],
        [typeof(NewCliente)] = ["ruc", "razon_social", "subdominio", "correo_acceso", "plan", "entorno"],
        [typeof(RucRequest)] = ["ruc", "reason"],
        [typeof(CredentialRequest)] = ["reason"],
        [typeof(ReclaimRequest)] = ["reason"],
        [typeof(LoginRequest)] = ["username", "password"],
        [typeof(AcceptanceRequest)] = ["token", "password"],
        [typeof(NewUser)] = ["email", "password", "roles"],
        [typeof(NewEstablecimiento)] = ["nombre"],
        [typeof(NewComprobante)] = ["tipo", "serie", "numero", "fecha_emision"],
        [typeof(RenameRequest)] = ["subdominio", "reason"],
        [typeof(NewServiceAccount)] =
            ["name", "purpose", "owner_ids", "rights", "networks", "ends_on", "password"],
        [typeof(AdoptRequest)] = ["db_name"],
        [typeof(UndoAdoptionRequest)] = ["reason"],
    };

    // Complete request bodies. A test sends each of them.
    private static readonly Dictionary<Type, string> Examples = new()
    {
        [typeof(TokenRequest)] = """{"email": "ana.quispe@example.com", "password": "…"}""",
        [typeof(NewCliente)] = """
            {"ruc": "20512345671", "razon_social": "Laboratorios Andinos S.A.C.", "subdominio": "andinos",
             "correo_acceso": "admin@andinos.pe", "plan": "basico", "entorno": "demo"}
            """,
        [typeof(ClienteFields)] = """{"contacto_nombre": "Rosa Huamán", "max_usuarios": 10}""",
        [typeof(ToggleRequest)] =
            """{"is_active": false, "reason_code": "falta_de_pago", "reason": "Tres facturas sin pagar"}""",
        [typeof(DeleteRequest)] = """{"reason_code": "fin_de_contrato", "reason": "No renovó"}""",
        [typeof(ConversionRequest)] = """{"plan": "profesional", "expires_at": "2199-12-31T23:59:59Z"}""",
        [typeof(RucRequest)] = """{"ruc": "20512345671", "reason": "Dos dígitos estaban cambiados"}""",
        [typeof(CredentialRequest)] = """{"reason": "Cambio trimestral"}""",
        [typeof(ReclaimRequest)] = """{"reason": "Restaurada de la copia de anoche"}""",
        [typeof(RenameRequest)] = """{"subdominio": "andinos-peru", "reason": "La empresa cambió de nombre"}""",
        [typeof(AdoptRequest)] = """
            {"db_name": "vigiadb", "product_keeps_owner": true, "backup_statement": "Copia del 1/12, caja fuerte 3",
             "password": "…", "ruc": "20512345671", "razon_social": "Laboratorios Andinos S.A.C.",
             "subdominio": "andinos", "correo_acceso": "admin@andinos.pe", "plan": "basico"}
            """,
        [typeof(AdoptClienteRequest)] = """
            {"product_keeps_owner": true, "backup_statement": "Copia del 1/12, caja fuerte 3", "password": "…"}
            """,
        [typeof(AdoptManyRequest)] = """
            {"ids": [12, 15], "product_keeps_owner": true, "backup_statement": "Copias del 1/12", "password": "…"}
            """,
        [typeof(UndoAdoptionRequest)] = """{"reason": "Era la base de pruebas"}""",
        [typeof(DiagnoseRequest)] = """{"host": "andinos.vigia.pe", "tenant": "andinos"}""",
        [typeof(NewServiceAccount)] = """
            {"name": "backend-vigia", "purpose": "Atiende a los usuarios de los clientes",
             "owner_ids": ["0197a3a0-0000-7000-8000-000000000001", "0197a3a0-0000-7000-8000-000000000002"],
             "rights": ["tenants.connection.read"], "networks": ["10.20.0.0/16"],
             "ends_on": "2027-06-30", "password": "…"}
            """,
        [typeof(ServiceAccountChanges)] = """{"token_ends_on": "2027-06-30", "password": "…"}""",
        [typeof(RestoreRequest)] = """{"subdominio": "andinos-2"}""",
        [typeof(MigrateRequest)] = """{"ids": [12, 15]}""",
        [typeof(LoginRequest)] = """{"username": "rosa.huaman@andinos.pe", "password": "…"}""",
        [typeof(AcceptanceRequest)] = """{"token": "9f86d081884c7d65…", "password": "una frase que recuerdo"}""",
        [typeof(NewUser)] =
            """{"email": "luis@andinos.pe", "username": "luis", "password": "otra frase", "roles": ["qf"]}""",
        [typeof(NewEstablecimiento)] = """{"codigo": "0001", "nombre": "Planta Ate", "tipo": "laboratorio"}""",
        [typeof(NewComprobante)] = """
            {"tipo": "factura", "serie": "F001", "numero": 1, "fecha_emision": "2026-12-01", "total": 118.00,
             "estado": "emitido"}
            """,
        [typeof(InvitationRequest)] = """{"reason": "El primer enlace venció"}""",
    };

    private static readonly FieldRule Text = new() { Longest = 255 };
    private static readonly FieldRule Limit = new() { Least = 0, Most = int.MaxValue };

    // Constraints of request fields, by field name.
    private static readonly Dictionary<string, FieldRule> Given = new()
    {
        ["subdominio"] = new() { Longest = Subdomain.MaxLength, Pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" },
        ["razon_social"] = Text,
        ["contacto_nombre"] = Text,
        ["correo_acceso"] = new() { Longest = 255, Format = "email" },
        ["entorno"] = new() { Choices = TenantEnvironments.All },
        ["max_comprobantes"] = Limit,
        ["max_usuarios"] = Limit,
        ["max_establecimientos"] = Limit,
        ["reason_code"] = new() { Choices = TenantRules.ReasonCodes },
        ["reason"] = new() { Longest = 1000 },
        ["backup_statement"] = new() { Longest = 1000 },
        ["db_name"] = new() { Longest = 63 },
        ["email"] = new() { Longest = AccountInput.Longest },
        ["password"] = new() { Longest = AccountInput.Longest, Format = "password" },
        ["two_factor_code"] = new() { Longest = AccountInput.Longest },
        ["host"] = new() { Longest = PastedText.LongestHost },
        ["tenant"] = new() { Longest = PastedText.LongestName },
        ["token"] = new() { Longest = PastedText.LongestToken, Format = "password" },
        ["retention_days"] = new() { Least = 0, Most = 3650 },
    };

    // Constraints of response fields, by schema and field.
    private static readonly Dictionary<string, FieldRule> Answered = new()
    {
        ["Cliente.state"] = new() { Choices = [.. Codes<TenantState>(), TenantStatuses.CodeOf(TenantStatus.Trashed)] },
        ["Cliente.status"] =
            new()
            {
                Choices = [.. Enum.GetValues<TenantStatus>().Except([TenantStatus.Ready])
                    .Select(TenantStatuses.CodeOf)]
            },
        ["Cliente.inactive_kind"] = new() { Choices = Codes<InactiveKind>() },
        ["ServiceAccount.state"] = new() { Choices = Codes<ServiceAccountState>() },
        ["IsolationProof.verdict"] = new() { Choices = Codes<IsolationVerdict>() },
        ["IsolationProof.cause"] = new() { Choices = Codes<ProofCause>() },
        ["IsolationAttempt.outcome"] = new() { Choices = [.. IsolationAttemptAnswer.Outcomes.Values] },
        ["Operation.state"] = new() { Choices = Codes<OperationState>() },
        ["Operation.progress"] = new() { Least = 0, Most = 100 },
        ["OperationStep.state"] = new() { Choices = Codes<StepState>() },
        ["Database.schema"] = new() { Choices = Codes<SchemaStanding>() },
        ["Diagnosis.verdict"] = new() { Choices = [.. DiagnosisVerdict.Codes] },
        ["DiagnosisVote.strategy"] = new() { Choices = [.. Codes<TenantStrategy>().Skip(1)] },
        ["DiagnosisVote.outcome"] = new() { Choices = Codes<VoteOutcome>() },
        ["Token.token_type"] = new() { Choices = ["bearer"] },
    };

    /// <summary>Whether a type is the body of a request.</summary>
    public static bool IsRequest(Type type) => Examples.ContainsKey(type);

    public static bool IsRequired(Type request, string field) =>
        Required.GetValueOrDefault(request)?.Contains(field) == true;

    /// <summary>An example of a request body.</summary>
    public static JsonNode Example(Type request) => JsonNode.Parse(Examples[request])!;

    public static FieldRule? Of(Type type, string schema, string field) =>
        IsRequest(type) ? Given.GetValueOrDefault(field)
            : Answered.GetValueOrDefault(
            $"{schema.Replace("ClienteDetail", "Cliente", StringComparison.Ordinal)}.{field}");

    private static string[] Codes<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(Cliente.Code)];
}
