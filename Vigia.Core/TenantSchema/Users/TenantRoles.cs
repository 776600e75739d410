namespace Vigia.Core.TenantSchema;

/// <summary>
/// The seven roles that every tenant starts with, and their permissions. The documentation lists the abilities and the
/// form <c>module:action</c>; the matrix is this project's interpretation of them. See docs/rules.md#role-matrix and
/// docs/rules.md#permissions.
/// </summary>
internal static class TenantRoles
{
    private static readonly string[] Verbs = ["list", "read", "create", "update", "delete"];

    private static readonly string[] Modules =
    [
        "icsr", "causalidad", "seguimiento", "duplicados", "envios", "senales", "ips", "calendario_ips", "documentos",
        "vigilancia", "capacitacion", "productos",
        "clientes", "establecimientos", "comprobantes", "meddra", "empleados", "usuarios", "roles", "configuracion",
        "auditoria", "ingesta",
    ];

    public static readonly Role[] All =
    [
        new() { Id = 1, Name = Role.Admin, Label = "Administrador",
            Permissions = [.. Modules.SelectMany(Every), .. Special] },
        new()
        {
            Id = 2, Name = "qf", Label = "Químico farmacéutico",
            Permissions =
            [
                .. Write("icsr", "causalidad", "seguimiento", "duplicados", "envios", "senales", "ips",
                    "calendario_ips", "documentos", "vigilancia"), "icsr:delete", "ips:delete",
                "ips:edit", "ips:export", "documentos:aprobar", "documentos:firmar",
                .. See("productos", "clientes", "meddra", "capacitacion", "empleados"),
            ],
        },
        new()
        {
            Id = 3, Name = "responsable_fv", Label = "Responsable de farmacovigilancia",
            Permissions =
            [
                .. Write("icsr", "causalidad", "seguimiento", "duplicados", "envios", "senales", "ips",
                    "calendario_ips", "documentos", "vigilancia", "capacitacion", "productos", "clientes"),
                "icsr:asignar", "ips:edit", "ips:approve", "ips:export", "documentos:firmar",
                .. See("meddra", "empleados", "usuarios", "auditoria", "ingesta"),
            ],
        },
        new()
        {
            Id = 4, Name = "qa", Label = "Aseguramiento de la calidad",
            Permissions =
            [
                .. See("icsr", "causalidad", "seguimiento", "duplicados", "envios", "senales", "ips", "calendario_ips",
                    "vigilancia", "productos", "empleados", "auditoria"),
                .. Write("documentos", "capacitacion"), "icsr:qc", "ips:qa", "ips:export", "documentos:aprobar",
                "documentos:firmar",
            ],
        },
        new()
        {
            Id = 5, Name = "direccion_tecnica", Label = "Dirección técnica",
            Permissions =
            [
                .. See("icsr", "causalidad", "envios", "senales", "ips", "calendario_ips", "documentos", "vigilancia",
                    "capacitacion", "productos", "clientes", "establecimientos", "empleados", "configuracion",
                    "auditoria"),
                "ips:approve", "ips:export", "documentos:aprobar", "documentos:firmar", "configuracion:aprobar",
            ],
        },
        new()
        {
            Id = 6, Name = "legal", Label = "Legal",
            Permissions = [.. See(
                "icsr", "envios", "senales", "ips", "calendario_ips", "documentos", "productos", "clientes"),
                "icsr:litigio", "documentos:update", "ips:export"],
        },
        new()
        {
            Id = 7, Name = "soporte", Label = "Soporte",
            Permissions = [.. See("icsr", "usuarios", "configuracion", "capacitacion", "ingesta"), "usuarios:update",
                "configuracion:update"],
        },
    ];

    private static string[] Special =>
    [
        "icsr:asignar", "icsr:qc", "icsr:litigio", "ips:edit", "ips:qa", "ips:approve", "ips:export",
        "documentos:aprobar", "documentos:firmar", "configuracion:aprobar",
    ];

    private static IEnumerable<string> Every(string module) => Verbs.Select(verb => $"{module}:{verb}");

    private static IEnumerable<string> See(params string[] modules) =>
        modules.SelectMany(module => new[] { $"{module}:list", $"{module}:read" });

    private static IEnumerable<string> Write(params string[] modules) =>
        modules.SelectMany(module =>
            new[] { $"{module}:list", $"{module}:read", $"{module}:create", $"{module}:update" });
}
