using System.Globalization;
using System.Text.Json;
using Vigia.Core.Operations;

namespace Vigia.Portal;

/// <summary>Every address of the portal, in one place: pages and links can't disagree about one.</summary>
public static class PortalUrls
{
    public const string Panel = "/";
    public const string Tenants = "/clientes";
    public const string NewTenant = "/clientes/nuevo";
    public const string TenantsExport = "/clientes/exportar.csv";
    public const string TenantRoute = "/clientes/{Id:int}";
    public const string Databases = "/bases";
    public const string DatabasesBehind = "/bases?esquema=atrasadas";
    public const string Operations = "/operaciones";
    public const string OperationRoute = "/operaciones/{Id:guid}";
    public const string Trash = "/papelera";
    public const string Master = "/maestra";
    public const string Audit = "/auditoria";
    public const string AuditPrint = "/auditoria/imprimir";
    public const string Approvals = "/aprobaciones";
    public const string Team = "/equipo";
    public const string TeamMemberRoute = "/equipo/{Id:guid}";
    public const string TeamRightsFile = "/equipo/derechos.csv";
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
    public const string Invitation = "/cuenta/invitacion";
    public const string AccessDenied = "/cuenta/sin-permiso";
    public const string StaleForm = "/cuenta/caducada";
    public const string NotFound = "/no-encontrado";
    public const string Error = "/error";

    public const string Language = "/preferencias/idioma";
    public const string Theme = "/preferencias/tema";

    /// <summary>The trail as a file: <c>csv</c> or <c>jsonl</c>.</summary>
    public static string AuditExport(string format) => $"{Audit}/exportar/{format}";

    public static string Tenant(int id) => $"/clientes/{id}";

    /// <summary>What concerns a client's database: isolation, login roles.</summary>
    public static string TenantDatabase(int id) => $"{Tenant(id)}?seccion=base";

    /// <summary>The clients of one status, as the list filters them.</summary>
    public static string TenantsWithStatus(string status) => $"{Tenants}?estado={Uri.EscapeDataString(status)}";

    public static string TenantsOnPlan(string plan) => $"{Tenants}?plan={Uri.EscapeDataString(plan)}";

    public static string Operation(Guid id) => $"/operaciones/{id}";

    public static string TeamMember(Guid id) => $"/equipo/{id}";

    /// <summary>Who held which right, with the moment as clocks in Lima show it; null for now.</summary>
    public static string TeamRights(DateTime? clock) =>
        $"{Team}?seccion=derechos{(clock is { } at ? $"&fecha={at.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture)}" : null)}";

    /// <summary>The operations in one state.</summary>
    public static string OperationsIn(OperationState state) => $"{Operations}?estado={Code(state)}";

    /// <summary>A state as addresses say it.</summary>
    public static string Code(OperationState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    /// <summary>The address of the sign-in page, which comes back to where the person was going.</summary>
    public static string SignInAndReturn(string returnUrl) => $"{SignIn}?returnUrl={Uri.EscapeDataString(returnUrl)}";

    /// <summary>The address of the page that opens a locked sign-in, which comes back to where the person was going.</summary>
    public static string UnlockAndReturn(string returnUrl) => $"{Unlock}?returnUrl={Uri.EscapeDataString(returnUrl)}";

    /// <summary>Where the identity provider is asked who somebody is before they do something; its window adds the channel for the answer.</summary>
    public static string OidcConfirmWhat(string action, string target) => $"{OidcConfirm}?accion={Uri.EscapeDataString(action)}&objeto={Uri.EscapeDataString(target)}";

    /// <summary>Where the identity provider is asked for the account to link.</summary>
    public static string OidcLinkWith(string confirmation) => $"{OidcLink}?confirmacion={Uri.EscapeDataString(confirmation)}";

    /// <summary>An address with a note that the page there shows.</summary>
    public static string Noting(string address, string code) => $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}aviso={code}";

    /// <summary>A step of signing in, which goes on to where the person was going.</summary>
    public static string Step(string step, string? returnUrl) => returnUrl is null ? step : $"{step}?returnUrl={Uri.EscapeDataString(LocalOrPanel(returnUrl))}";

    /// <summary>
    /// What came in as a return address, if it stays inside this portal; else the panel. An address that a browser reads as another
    /// host (<c>//evil</c>, <c>/\evil</c>, one with control characters) would make the sign-in page an open redirect; one with anything but ASCII, which
    /// no browser sends unescaped, can't be a header.
    /// </summary>
    public static string LocalOrPanel(string? returnUrl) =>
        returnUrl is ['/', ..]
        && !returnUrl.StartsWith("//", StringComparison.Ordinal)
        && !returnUrl.StartsWith("/\\", StringComparison.Ordinal)
        && returnUrl.All(c => c is > ' ' and <= '~')
            ? returnUrl
            : Panel;
}
