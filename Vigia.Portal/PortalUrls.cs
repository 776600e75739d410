using System.Globalization;
using System.Text.Json;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal;

/// <summary>Every address of the portal in one place, so that pages and links can't disagree.</summary>
public static class PortalUrls
{
    public const string Panel = "/";
    public const string Tenants = "/clientes";
    public const string NewTenant = "/clientes/nuevo";
    public const string AdoptTenant = "/clientes/incorporar";
    public const string TenantsExport = "/clientes/exportar.csv";
    public const string TenantRoute = "/clientes/{Id:int}";
    public const string Databases = "/bases";
    public const string DatabasesBehind = "/bases?esquema=atrasadas";
    public const string Operations = "/operaciones";
    public const string OperationRoute = "/operaciones/{Id:guid}";
    public const string Trash = "/papelera";
    public const string Diagnosis = "/diagnostico";
    public const string Master = "/maestra";
    public const string Audit = "/auditoria";
    public const string AuditPrint = "/auditoria/imprimir";
    public const string Approvals = "/aprobaciones";
    public const string Team = "/equipo";
    public const string TeamMemberRoute = "/equipo/{Id:guid}";
    public const string ServiceAccounts = "/equipo/cuentas-de-servicio";
    public const string TeamRightsFile = "/equipo/permisos.csv";
    public const string MyAccount = "/mi-cuenta";
    public const string MyTokens = "/mi-cuenta/tokens";
    public const string MySessions = "/mi-cuenta/sesiones";

    public const string ApiDocs = "/api/docs";

    public const string SignIn = "/cuenta/entrar";
    public const string SignInCode = "/cuenta/entrar/codigo";
    public const string SignInSecondFactor = "/cuenta/entrar/segundo-factor";
    public const string OidcSignIn = "/cuenta/entrar/empresa";
    public const string OidcCallback = "/cuenta/entrar/empresa/respuesta";
    public const string OidcSignedIn = "/cuenta/entrar/empresa/fin";
    public const string OidcConfirm = "/cuenta/confirmar/empresa";
    public const string OidcConfirmed = "/cuenta/confirmar/empresa/fin";
    public const string OidcLink = "/cuenta/vincular/empresa";
    public const string OidcLinked = "/cuenta/vincular/empresa/fin";
    public const string SignOut = "/cuenta/salir";
    public const string Session = "/cuenta/sesion";
    public const string Unlock = "/cuenta/bloqueada";
    public const string PasskeySignInOptions = "/cuenta/claves/entrar/opciones";
    public const string PasskeySignIn = "/cuenta/claves/entrar";
    public const string PasskeyNewOptions = "/cuenta/claves/opciones";
    public const string PasskeyNew = "/cuenta/claves";
    public const string ConfirmOptions = "/cuenta/confirmar/opciones";
    public const string Confirm = "/cuenta/confirmar";
    public const string SetUp = "/cuenta/configurar";
    public const string Invitation = StaffLinks.Path;
    public const string AccessDenied = "/cuenta/sin-permiso";
    public const string ForgottenPassword = "/cuenta/contrasena-olvidada";
    public const string StaleForm = "/cuenta/caducada";
    /// <summary>Where the first administrator of a tenant sets the password, on the tenant's host.</summary>
    public const string TenantInvitation = "/invitacion";

    public const string NotFound = "/no-encontrado";
    public const string Error = "/error";

    public const string Language = "/preferencias/idioma";
    public const string Theme = "/preferencias/tema";

    /// <summary>The audit trail as a file: <c>csv</c> or <c>jsonl</c>.</summary>
    public static string AuditExport(string format) => $"{Audit}/exportar/{format}";

    public static string Tenant(int id) => $"/clientes/{id}";

    /// <summary>The section about a tenant's database: isolation and credentials.</summary>
    public static string TenantDatabase(int id) => $"{Tenant(id)}?seccion=base";

    /// <summary>The list of tenants filtered by status.</summary>
    /// <summary>The tenants whose database the portal does not manage.</summary>
    public const string TenantsNotManaged = $"{Tenants}?gestionado=no";

    public static string TenantsWithStatus(TenantStatus status) => $"{Tenants}?estado={TenantStatuses.CodeOf(status)}";

    public static string TenantsOnPlan(string plan) => $"{Tenants}?plan={Uri.EscapeDataString(plan)}";

    public static string Operation(Guid id) => $"/operaciones/{id}";

    public static string TeamMember(Guid id) => $"/equipo/{id}";

    /// <summary>The rights that people held at a moment in Lima time. Null for now.</summary>
    public static string TeamRights(DateTime? clock) =>
        $"{Team}?seccion=permisos"
        + (clock is { } at ? $"&fecha={at.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture)}" : null);

    /// <summary>The list of operations filtered by state.</summary>
    public static string OperationsIn(OperationState state) => $"{Operations}?estado={Code(state)}";

    /// <summary>A state as it is written in addresses.</summary>
    public static string Code(OperationState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    /// <summary>
    /// The address of the sign-in page. After signing in, it redirects to <paramref name="returnUrl"/>.
    /// </summary>
    public static string SignInAndReturn(string returnUrl) => $"{SignIn}?returnUrl={Uri.EscapeDataString(returnUrl)}";

    /// <summary>
    /// The address of the page that unlocks a sign-in. Afterwards it redirects to <paramref name="returnUrl"/>.
    /// </summary>
    public static string UnlockAndReturn(string returnUrl) => $"{Unlock}?returnUrl={Uri.EscapeDataString(returnUrl)}";

    /// <summary>
    /// The address that sends a person to the identity provider to re-authenticate before an action. The window adds
    /// the channel for the answer.
    /// </summary>
    public static string OidcConfirmWhat(string action, string target) =>
        $"{OidcConfirm}?accion={Uri.EscapeDataString(action)}&objeto={Uri.EscapeDataString(target)}";

    /// <summary>The address that sends a person to the identity provider to link their account.</summary>
    public static string OidcLinkWith(string confirmation) =>
        $"{OidcLink}?confirmacion={Uri.EscapeDataString(confirmation)}";

    /// <summary>An address with a note that the target page shows.</summary>
    public static string Noting(string address, string code) =>
        $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}aviso={code}";

    /// <summary>A step of signing in that keeps the return address.</summary>
    public static string Step(string step, string? returnUrl) =>
        returnUrl is null ? step : $"{step}?returnUrl={Uri.EscapeDataString(LocalOrPanel(returnUrl))}";

    /// <summary>
    /// The return address of a request if it stays inside this portal, otherwise the dashboard. An address that a
    /// browser reads as another host (<c>//evil</c>, <c>/\evil</c>, one with control characters) would make the sign-in
    /// page an open redirect. An address with characters outside ASCII, which no browser sends unescaped, can't be a
    /// header.
    /// </summary>
    public static string LocalOrPanel(string? returnUrl) =>
        returnUrl is ['/', ..]
        && !returnUrl.StartsWith("//", StringComparison.Ordinal)
        && !returnUrl.StartsWith("/\\", StringComparison.Ordinal)
        && returnUrl.All(c => c is > ' ' and <= '~')
            ? returnUrl
            : Panel;
}
