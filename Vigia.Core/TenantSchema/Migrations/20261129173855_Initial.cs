using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

#pragma warning disable CA1814 // Prefer jagged arrays over multidimensional

namespace Vigia.Core.TenantSchema.Migrations
{
    /// <inheritdoc />
    [SchemaVersion(1)]
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit_log",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false, comment: "Key; the order of the records is the database's word. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When, by the database's clock. [21 CFR 11.10(e)]"),
                    user_id = table.Column<int>(type: "integer", nullable: true, comment: "The user who acted, as the application says in vigia.user_id. No foreign key: the record outlives the user. [GI]"),
                    actor = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Who acted, as a name that can be read later: vigia.actor, else the database role. [decided]"),
                    action = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false, comment: "INSERT, UPDATE or DELETE; other words are the application's own. [decided]"),
                    entity = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "The table. [decided]"),
                    entity_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "The row's key. [decided]"),
                    trace_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, comment: "Trace id, as the application says in vigia.trace_id. [UM: trace claim]"),
                    detail = table.Column<string>(type: "jsonb", nullable: true, comment: "What the application adds. [decided]"),
                    before = table.Column<string>(type: "jsonb", nullable: true, comment: "The row before; of an update only what changed. [PK: before/after]"),
                    after = table.Column<string>(type: "jsonb", nullable: true, comment: "The row after; of an update only what changed. [PK: before/after]"),
                    db_role = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: true, comment: "The database role of the session; set by a trigger. [decided]"),
                    source = table.Column<string>(type: "character varying(12)", maxLength: 12, nullable: false, defaultValueSql: "'application'", comment: "Whether a trigger wrote it or the application; set by a trigger. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit_log", x => x.id);
                    table.CheckConstraint("audit_log_source_check", "source IN ('application', 'trigger')");
                },
                comment: "Who changed what, when, before and after; append-only. [GI, PK, AP; 21 CFR 11.10(e); shape decided]");

            migrationBuilder.CreateTable(
                name: "calendario_ips",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [PK]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    numero = table.Column<int>(type: "integer", nullable: true, comment: "Row number. [PK]"),
                    producto_forma = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Product and form. [PK]"),
                    ifa = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Active ingredient. [PK]"),
                    registro_numero = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Registration number. [PK]"),
                    registro_estado = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "State of the registration; its values are NOT STATED. [PK]"),
                    registro_vencimiento = table.Column<DateOnly>(type: "date", nullable: true, comment: "End of the registration. [PK]"),
                    registro_primera_autorizacion = table.Column<DateOnly>(type: "date", nullable: true, comment: "First authorisation. [PK]"),
                    ips_version = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Version of the report. [PK: text]"),
                    ips_fid = table.Column<DateOnly>(type: "date", nullable: true, comment: "Data lock: first day. [PK]"),
                    ips_fcd = table.Column<DateOnly>(type: "date", nullable: true, comment: "Data lock: last day. [PK]"),
                    ips_anios = table.Column<decimal>(type: "numeric(6,2)", precision: 6, scale: 2, nullable: true, comment: "Years covered. [PK: decimal]"),
                    rs_version = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Version for the registration. [PK: text]"),
                    rs_fid = table.Column<DateOnly>(type: "date", nullable: true, comment: "Registration: first day. [PK]"),
                    rs_fcd = table.Column<DateOnly>(type: "date", nullable: true, comment: "Registration: last day. [PK]"),
                    rs_anios = table.Column<decimal>(type: "numeric(6,2)", precision: 6, scale: 2, nullable: true, comment: "Registration: years. [PK: decimal]"),
                    fecha_lim_elaboracion = table.Column<DateOnly>(type: "date", nullable: true, comment: "Due: writing. [PK]"),
                    fecha_lim_revision_aprobacion = table.Column<DateOnly>(type: "date", nullable: true, comment: "Due: review and approval. [PK]"),
                    fecha_sometimiento = table.Column<DateOnly>(type: "date", nullable: true, comment: "Date of submission. [PK]"),
                    estado_ips = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, defaultValueSql: "'Borrador'", comment: "State. [PK; docs/rules.md#documented-states]"),
                    responsable_aprobacion = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Who approves. [PK]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When it was made. [PK]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When it was last changed. [PK]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_calendario_ips", x => x.id);
                    table.CheckConstraint("calendario_ips_estado_ips_check", "estado_ips IN ('Borrador', 'Validado', 'Firmado', 'Sometido', 'Aprobado', 'Observado')");
                },
                comment: "The calendar of periodic reports and registrations. [PK, FP]");

            migrationBuilder.CreateTable(
                name: "clients",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    ruc = table.Column<string>(type: "character varying(11)", maxLength: 11, nullable: true, comment: "Tax id. [decided]"),
                    razon_social = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Legal name. [decided]"),
                    contacto_nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Contact. [decided]"),
                    correo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "E-mail. [decided]"),
                    telefono = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Telephone. [decided]"),
                    is_active = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Whether there is business with it. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]"),
                    direccion = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Street address. [decided]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_clients", x => x.id);
                },
                comment: "A business partner of the tenant (not the tenant itself, which is a client of ours). [SEED; shape NOT STATED, decided]");

            migrationBuilder.CreateTable(
                name: "destinatarios_vigilancia",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    scope = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, comment: "Scope. [FS]"),
                    email = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Address. [FS]"),
                    nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Name. [decided]"),
                    enabled = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Whether it is told. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_destinatarios_vigilancia", x => x.id);
                    table.CheckConstraint("destinatarios_vigilancia_scope_check", "scope IN ('national', 'external')");
                },
                comment: "Who is told of what surveillance finds. [FS]");

            migrationBuilder.CreateTable(
                name: "documento_categorias",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    codigo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, comment: "Code. [decided]"),
                    nombre = table.Column<string>(type: "character varying(150)", maxLength: 150, nullable: false, comment: "Name. [decided]"),
                    descripcion = table.Column<string>(type: "text", nullable: true, comment: "What belongs there. [decided]"),
                    is_active = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Whether new documents may use it. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_documento_categorias", x => x.id);
                },
                comment: "The categories of documents. [FD: categoria]");

            migrationBuilder.CreateTable(
                name: "empleados",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [UM: users.empleado_id is an integer]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    codigo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "The tenant's own code. [decided]"),
                    dni = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Identity document (DNI, CE or passport). [GI mentions DNI; decided]"),
                    nombres = table.Column<string>(type: "character varying(150)", maxLength: 150, nullable: false, comment: "Given names. [AL: full_name of /auth/me comes from the employee]"),
                    apellidos = table.Column<string>(type: "character varying(150)", maxLength: 150, nullable: false, comment: "Family names. [AL: full_name of /auth/me comes from the employee]"),
                    cargo = table.Column<string>(type: "character varying(150)", maxLength: 150, nullable: true, comment: "Position. [TR: responsable; decided]"),
                    area = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Area or department. [FD: documents carry an area; decided]"),
                    correo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "E-mail at work. [decided]"),
                    telefono = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Telephone. [decided]"),
                    colegiatura = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: true, comment: "Number of the professional college (CQFP, CMP). [decided: a Químico Farmacéutico signs with it]"),
                    fecha_ingreso = table.Column<DateOnly>(type: "date", nullable: true, comment: "First day at work. [decided]"),
                    fecha_cese = table.Column<DateOnly>(type: "date", nullable: true, comment: "Last day at work; null while employed. [decided]"),
                    is_active = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Whether the person works here now. [decided, as users.is_active]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_empleados", x => x.id);
                },
                comment: "A person who works for the tenant; users and trainings refer to it. [docs/rules.md#named-only; decided]");

            migrationBuilder.CreateTable(
                name: "fuentes_vigilancia",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false, comment: "Key. [FS: uuid]"),
                    scope = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, comment: "Scope. [FS]"),
                    name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Name. [FS]"),
                    url = table.Column<string>(type: "text", nullable: false, comment: "Address. [FS]"),
                    enabled = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Whether it is read. [FS]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_fuentes_vigilancia", x => x.id);
                    table.CheckConstraint("fuentes_vigilancia_scope_check", "scope IN ('national', 'external')");
                },
                comment: "A source that surveillance reads. [FS, SO]");

            migrationBuilder.CreateTable(
                name: "icsr_correlativos",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    prefijo = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, comment: "Prefix. [GI: configurable]"),
                    anio = table.Column<int>(type: "integer", nullable: false, comment: "Year. [GI: LAB-2024-001]"),
                    ultimo = table.Column<int>(type: "integer", nullable: false, defaultValueSql: "0", comment: "Last number given. [GI]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_correlativos", x => x.id);
                },
                comment: "Last number of the internal case codes, by prefix and year. [GI: /codigo-interno/next?prefix=LAB]");

            migrationBuilder.CreateTable(
                name: "meddra_versiones",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key, version_id of the API. [FA]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    version = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, comment: "Such as 27.1. [FA]"),
                    idioma = table.Column<string>(type: "character varying(5)", maxLength: 5, nullable: false, defaultValueSql: "'es'", comment: "Language. [decided]"),
                    activa = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "The version new codings use. [decided]"),
                    cargada_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When it was loaded. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_meddra_versiones", x => x.id);
                },
                comment: "A loaded version of the MedDRA dictionary. [FA: version_id]");

            migrationBuilder.CreateTable(
                name: "products",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Name. [FP]"),
                    principio_activo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Active ingredient. [FP]"),
                    forma_farmaceutica = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Pharmaceutical form. [FP]"),
                    presentacion = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Presentation. [FP]"),
                    via = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Route. [FP]"),
                    registro_sanitario = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Registration number. [FP]"),
                    rs_vencimiento = table.Column<DateOnly>(type: "date", nullable: true, comment: "End of the registration. [IU: rs_catalog_map]"),
                    fecha_autorizacion = table.Column<DateOnly>(type: "date", nullable: true, comment: "Date of authorisation. [FP]"),
                    fabricante = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Manufacturer. [FP]"),
                    laboratorio = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Laboratory. [IU: rs_catalog_map]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]"),
                    concentracion = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Strength. [decided]"),
                    atc_code = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: true, comment: "WHO ATC code. [decided]"),
                    is_active = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Whether it is sold. [decided]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_products", x => x.id);
                },
                comment: "A medicine the tenant holds the registration of. [SEED; shape after IPSProducto and rs_catalog_map; docs/rules.md#products-and-clients]");

            migrationBuilder.CreateTable(
                name: "programaciones_vigilancia",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    scope = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, comment: "Scope. [FS]"),
                    cron = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Five fields; null is off. [SS]"),
                    next_run = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "next_run_iso of the API. [SS]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_programaciones_vigilancia", x => x.id);
                    table.CheckConstraint("programaciones_vigilancia_scope_check", "scope IN ('national', 'external')");
                },
                comment: "When each scope is read. [SS]");

            migrationBuilder.CreateTable(
                name: "roles",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]"),
                    name = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, comment: "Code. [AO]"),
                    label = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false, comment: "Label. [AP]"),
                    permissions = table.Column<string[]>(type: "text[]", nullable: false, defaultValueSql: "'{}'", comment: "What the role gives, as module:action. [AP, IO, PO; docs/rules.md#permissions; docs/rules.md#role-matrix]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_roles", x => x.id);
                },
                comment: "The product's seven roles and what they give. [UM, AP, AO; columns NOT STATED, decided]");

            migrationBuilder.CreateTable(
                name: "tenant_limits",
                columns: table => new
                {
                    id = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Always true: a boolean key that must be true is what allows one row only. [decided]"),
                    max_usuarios = table.Column<int>(type: "integer", nullable: true, comment: "Most active users; null is unlimited. [SEED; docs/rules.md#limits]"),
                    max_establecimientos = table.Column<int>(type: "integer", nullable: true, comment: "Most active establishments; null is unlimited. [SEED; docs/rules.md#limits]"),
                    max_comprobantes = table.Column<int>(type: "integer", nullable: true, comment: "Most documents issued in a calendar month of Lima; null is unlimited. [SEED; docs/rules.md#limits]"),
                    limitar_emision = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Whether max_comprobantes holds. [SEED; docs/rules.md#limits]"),
                    revision = table.Column<long>(type: "bigint", nullable: false, defaultValueSql: "0", comment: "The registry's limits_revision these values come from; an older one never overwrites a newer. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tenant_limits", x => x.id);
                    table.CheckConstraint("tenant_limits_max_check", "max_usuarios >= 0 AND max_establecimientos >= 0 AND max_comprobantes >= 0");
                    table.CheckConstraint("tenant_limits_one_row_check", "id");
                },
                comment: "The limits in force, from clientes_saas; one row. The tenant's role only reads it. [SEED; docs/rules.md#limits]");

            migrationBuilder.CreateTable(
                name: "tenant_usage",
                columns: table => new
                {
                    limite = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: false, comment: "Which limit. [SEED; docs/rules.md#limits]"),
                    periodo = table.Column<DateOnly>(type: "date", nullable: false, defaultValueSql: "'-infinity'", comment: "First day of the Lima month; -infinity for limits without a period. [docs/rules.md#limits]"),
                    usado = table.Column<int>(type: "integer", nullable: false, defaultValueSql: "0", comment: "How much is used; counted also while there is no maximum. [decided]"),
                    maximo = table.Column<int>(type: "integer", nullable: true, comment: "The maximum in force, copied from tenant_limits by a trigger; null is unlimited. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tenant_usage", x => new { x.limite, x.periodo });
                    table.CheckConstraint("tenant_usage_limite_check", "limite IN ('max_usuarios', 'max_establecimientos', 'max_comprobantes')");
                    table.CheckConstraint("tenant_usage_used_check", "usado >= 0");
                },
                comment: "What is used of each limit, counted by triggers; the tenant's role only reads it. [docs/rules.md#limits]");

            migrationBuilder.CreateTable(
                name: "cap_programas",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false, comment: "Key. [TR]"),
                    titulo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Title. [TR]"),
                    descripcion = table.Column<string>(type: "text", nullable: true, comment: "Description. [TR]"),
                    fecha_inicio = table.Column<DateOnly>(type: "date", nullable: true, comment: "First day. [TR]"),
                    fecha_fin = table.Column<DateOnly>(type: "date", nullable: true, comment: "Last day. [TR]"),
                    responsable_id = table.Column<int>(type: "integer", nullable: true, comment: "Responsible employee. [TR]"),
                    estado = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, defaultValueSql: "'borrador'", comment: "State. [TR]"),
                    obligatorio = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Whether it is compulsory. [TR]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cap_programas", x => x.id);
                    table.CheckConstraint("cap_programas_estado_check", "estado IN ('vigente', 'finalizado', 'borrador')");
                    table.ForeignKey(
                        name: "FK_cap_programas_empleados_responsable_id",
                        column: x => x.responsable_id,
                        principalTable: "empleados",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A training programme. [TR: CapPrograma]");

            migrationBuilder.CreateTable(
                name: "establecimientos",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [docs/rules.md#keys]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    codigo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "SUNAT's four-digit annex code or the tenant's own. [decided]"),
                    nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Name. [docs/rules.md#limits; decided]"),
                    tipo = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: false, defaultValueSql: "'laboratorio'", comment: "Kind of establishment. [Law 29459 art. 21 names them; decided]"),
                    direccion = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Street address. [decided]"),
                    ubigeo = table.Column<string>(type: "character varying(6)", maxLength: 6, nullable: true, comment: "INEI's six-digit place code. [decided]"),
                    departamento = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Department. [decided]"),
                    provincia = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Province. [decided]"),
                    distrito = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "District. [decided]"),
                    telefono = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Telephone. [decided]"),
                    correo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "E-mail. [decided]"),
                    director_tecnico_id = table.Column<int>(type: "integer", nullable: true, comment: "The technical director, an employee. [AP: direccion_tecnica; decided]"),
                    is_active = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Only active ones count against the limit. [docs/rules.md#limits]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_establecimientos", x => x.id);
                    table.CheckConstraint("establecimientos_tipo_check", "tipo IN ('laboratorio', 'drogueria', 'botica', 'farmacia', 'farmacia_hospitalaria', 'almacen', 'oficina', 'otro')");
                    table.ForeignKey(
                        name: "FK_establecimientos_empleados_director_tecnico_id",
                        column: x => x.director_tecnico_id,
                        principalTable: "empleados",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A site of the tenant; active ones count against max_establecimientos. [SEED; docs/rules.md#limits]");

            migrationBuilder.CreateTable(
                name: "users",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [UM]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    username = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, comment: "Name to sign in with, optional; unique whatever its case. [UM, AL]"),
                    email = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "E-mail, unique whatever its case. [UM, AL]"),
                    hashed_password = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "bcrypt, as the product's own back end reads it. [UM]"),
                    is_active = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Only active users sign in and count against the limit. [UM; docs/rules.md#limits]"),
                    roles = table.Column<List<string>>(type: "text[]", nullable: false, defaultValueSql: "'{}'", comment: "Role codes; what is written. [UM; docs/rules.md#user-roles]"),
                    custom_permissions = table.Column<string>(type: "jsonb", nullable: true, comment: "Object {\"module\": {\"action\": bool}}; a denial wins over what the roles give. [UM; docs/rules.md#user-roles]"),
                    empleado_id = table.Column<int>(type: "integer", nullable: true, comment: "The employee. [UM]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was last changed; set by a trigger. [UM]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_users", x => x.id);
                    table.CheckConstraint("users_custom_permissions_check", "jsonb_typeof(custom_permissions) IN ('object', 'null')");
                    table.CheckConstraint("users_roles_check", "array_position(roles, NULL) IS NULL");
                    table.ForeignKey(
                        name: "FK_users_empleados_empleado_id",
                        column: x => x.empleado_id,
                        principalTable: "empleados",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A person who signs in; active ones count against max_usuarios. [UM]");

            migrationBuilder.CreateTable(
                name: "meddra_terminos",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    version_id = table.Column<int>(type: "integer", nullable: false, comment: "The version. [FA]"),
                    nivel = table.Column<string>(type: "character varying(4)", maxLength: 4, nullable: false, comment: "Level. [FA]"),
                    codigo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, comment: "MedDRA code. [FA]"),
                    termino = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Term. [FA]"),
                    padre_codigo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Code one level up (primary path). [MedDRA: LLT, PT, HLT, HLGT, SOC; decided]"),
                    vigente = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Whether the LLT is current. [MedDRA; decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_meddra_terminos", x => x.id);
                    table.CheckConstraint("meddra_terminos_nivel_check", "nivel IN ('LLT', 'PT', 'HLT', 'HLGT', 'SOC')");
                    table.ForeignKey(
                        name: "FK_meddra_terminos_meddra_versiones_version_id",
                        column: x => x.version_id,
                        principalTable: "meddra_versiones",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                },
                comment: "A term of a MedDRA version. [FA: LLT/PT/HLT/HLGT/SOC]");

            migrationBuilder.CreateTable(
                name: "ips_productos",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [FP]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    product_id = table.Column<int>(type: "integer", nullable: true, comment: "The product of the catalogue. [decided]"),
                    nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Name. [FP]"),
                    principio_activo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Active ingredient. [FP]"),
                    forma_farmaceutica = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Pharmaceutical form. [FP]"),
                    presentacion = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Presentation. [FP]"),
                    via = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Route. [FP]"),
                    registro_sanitario = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Registration number. [FP]"),
                    fecha_autorizacion = table.Column<DateOnly>(type: "date", nullable: true, comment: "Date of authorisation. [FP]"),
                    fabricante = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Manufacturer. [FP]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ips_productos", x => x.id);
                    table.ForeignKey(
                        name: "FK_ips_productos_products_product_id",
                        column: x => x.product_id,
                        principalTable: "products",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A product with periodic safety reports. [FP, models/ips.py]");

            migrationBuilder.CreateTable(
                name: "cap_sesiones",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false, comment: "Key. [TR]"),
                    programa_id = table.Column<Guid>(type: "uuid", nullable: false, comment: "The programme. [TR]"),
                    titulo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Title. [TR]"),
                    tema = table.Column<string>(type: "text", nullable: true, comment: "Subject. [TR]"),
                    fecha_programada = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "When. [TR: datetime]"),
                    duracion_min = table.Column<int>(type: "integer", nullable: true, comment: "Minutes. [TR]"),
                    modalidad = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, defaultValueSql: "'presencial'", comment: "How. [TR]"),
                    instructor = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Instructor. [TR]"),
                    ubicacion = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Place. [TR]"),
                    max_participantes = table.Column<int>(type: "integer", nullable: true, comment: "Most participants. [TR]"),
                    mes_programado = table.Column<int>(type: "integer", nullable: true, comment: "Month, 1-12. [TR]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cap_sesiones", x => x.id);
                    table.CheckConstraint("cap_sesiones_mes_programado_check", "mes_programado BETWEEN 1 AND 12");
                    table.CheckConstraint("cap_sesiones_modalidad_check", "modalidad IN ('presencial', 'virtual', 'hibrida')");
                    table.ForeignKey(
                        name: "FK_cap_sesiones_cap_programas_programa_id",
                        column: x => x.programa_id,
                        principalTable: "cap_programas",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                },
                comment: "A session of a programme. [TR: CapSesion]");

            migrationBuilder.CreateTable(
                name: "comprobantes",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [docs/rules.md#keys]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    establecimiento_id = table.Column<int>(type: "integer", nullable: true, comment: "Where it was issued. [decided]"),
                    client_id = table.Column<int>(type: "integer", nullable: true, comment: "To whom. [decided]"),
                    tipo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, comment: "Kind. [SUNAT catalogue 01; decided]"),
                    serie = table.Column<string>(type: "character varying(4)", maxLength: 4, nullable: false, comment: "Series. [SUNAT: four characters; decided]"),
                    numero = table.Column<int>(type: "integer", nullable: false, comment: "Number within the series. [SUNAT; decided]"),
                    fecha_emision = table.Column<DateOnly>(type: "date", nullable: false, comment: "Date printed on it, as the tenant says. It is not what the limit counts by. [SUNAT; decided]"),
                    moneda = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false, defaultValueSql: "'PEN'", comment: "ISO 4217 currency. [decided]"),
                    subtotal = table.Column<decimal>(type: "numeric(14,2)", precision: 14, scale: 2, nullable: true, comment: "Amount before tax. [decided]"),
                    igv = table.Column<decimal>(type: "numeric(14,2)", precision: 14, scale: 2, nullable: true, comment: "Tax (IGV). [decided]"),
                    total = table.Column<decimal>(type: "numeric(14,2)", precision: 14, scale: 2, nullable: true, comment: "Amount to pay. [decided]"),
                    estado = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, defaultValueSql: "'borrador'", comment: "A draft is not issued; an annulled one was. [docs/rules.md#limits; decided]"),
                    emitido_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "When it was issued, by the database's clock; set by a trigger. [docs/rules.md#limits]"),
                    periodo = table.Column<DateOnly>(type: "date", nullable: true, comment: "First day of the Lima month it counts in; set by a trigger. [docs/rules.md#limits]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_comprobantes", x => x.id);
                    table.CheckConstraint("comprobantes_estado_check", "estado IN ('borrador', 'emitido', 'anulado')");
                    table.CheckConstraint("comprobantes_tipo_check", "tipo IN ('factura', 'boleta', 'nota_credito', 'nota_debito', 'guia_remision')");
                    table.ForeignKey(
                        name: "FK_comprobantes_clients_client_id",
                        column: x => x.client_id,
                        principalTable: "clients",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_comprobantes_establecimientos_establecimiento_id",
                        column: x => x.establecimiento_id,
                        principalTable: "establecimientos",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A commercial document the tenant issues; what was issued in a Lima month counts against max_comprobantes. [SEED; docs/rules.md#limits]");

            migrationBuilder.CreateTable(
                name: "configuracion",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    clave = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false, comment: "Dotted name, such as seguimiento.dias. [decided]"),
                    valor = table.Column<string>(type: "jsonb", nullable: true, comment: "Value. [decided]"),
                    descripcion = table.Column<string>(type: "text", nullable: true, comment: "What it does. [decided]"),
                    updated_by = table.Column<int>(type: "integer", nullable: true, comment: "Who changed it last. [decided]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_configuracion", x => x.id);
                    table.ForeignKey(
                        name: "FK_configuracion_users_updated_by",
                        column: x => x.updated_by,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                },
                comment: "The tenant's own settings, by key. [docs/rules.md#tenant-settings; decided]");

            migrationBuilder.CreateTable(
                name: "icsr",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [IL]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]"),
                    numero = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Case number. [IL]"),
                    codigo_interno = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Prefix, year and sequence, such as LAB-2024-001. [GI; the column's name is decided]"),
                    paciente_iniciales = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Initials. [IL, FI; ICH E2B(R3) D.1]"),
                    paciente_dni = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Identity document. [GI; the column's name is decided]"),
                    paciente_fecha_nacimiento = table.Column<DateOnly>(type: "date", nullable: true, comment: "Date of birth. [GI; ICH E2B(R3) D.2.1]"),
                    paciente_edad = table.Column<int>(type: "integer", nullable: true, comment: "Age. [IL, FI; ICH E2B(R3) D.2.2a]"),
                    paciente_sexo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Sex, as the product writes it (Femenino). [IL, FI; ICH E2B(R3) D.5]"),
                    paciente_peso = table.Column<decimal>(type: "numeric(6,2)", precision: 6, scale: 2, nullable: true, comment: "Weight in kg. [IL, FI; ICH E2B(R3) D.3]"),
                    paciente_diagnostico_principal = table.Column<string>(type: "text", nullable: true, comment: "Main diagnosis. [FI]"),
                    reportante_nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Reporter's name. [IL; ICH E2B(R3) C.2.r.1]"),
                    reportante_email = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Reporter's e-mail. [IL]"),
                    reportante_telefono = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Reporter's telephone. [IL; ICH E2B(R3) C.2.r.2.7]"),
                    reportante_contacto = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Contact used when e-mail and telephone are missing. [IF]"),
                    producto_sospechoso = table.Column<string>(type: "text", nullable: true, comment: "Suspect product as reported. [IL]"),
                    fecha_inicio_evento = table.Column<DateOnly>(type: "date", nullable: true, comment: "Start of the event. [IL; ICH E2B(R3) E.i.4]"),
                    fecha_fin_evento = table.Column<DateOnly>(type: "date", nullable: true, comment: "End of the event. [IL; ICH E2B(R3) E.i.5]"),
                    fecha_recepcion = table.Column<DateOnly>(type: "date", nullable: false, defaultValueSql: "(now() AT TIME ZONE 'America/Lima')::date", comment: "Day of reception, in Lima. [GI; ICH E2B(R3) C.1.4]"),
                    origen_notificacion = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Where it came from; web_form for the web intake. [GI]"),
                    descripcion_evento = table.Column<string>(type: "text", nullable: true, comment: "Description of the event. [IL; ICH E2B(R3) H.1]"),
                    gravedad = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValueSql: "'Sin clasificar'", comment: "Severity of the case. [IL, GE]"),
                    estado = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValueSql: "'Pendiente'", comment: "State. [FI, GE, IU; docs/rules.md#documented-states]"),
                    ea_causalidad = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Causality of the case. [IL; docs/rules.md#documented-states]"),
                    ea_desenlace = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Outcome. [IL; ICH E2B(R3) E.i.7]"),
                    qc_realizado_por = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Who did the quality check. [IU]"),
                    qc_fecha = table.Column<DateOnly>(type: "date", nullable: true, comment: "When. [IU]"),
                    lt_fecha_envio_digemid = table.Column<DateOnly>(type: "date", nullable: true, comment: "When it was sent to DIGEMID. [IU]"),
                    revision_senales = table.Column<string>(type: "text", nullable: true, comment: "Review for signals. [IU]"),
                    comentarios_adicionales = table.Column<string>(type: "text", nullable: true, comment: "Comments. [IU]"),
                    identificador_mundial = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Worldwide unique case identification. [ICH E2B(R3) C.1.8.1]"),
                    tipo_reporte = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Type of report. [ICH E2B(R3) C.1.3]"),
                    fecha_informacion_reciente = table.Column<DateOnly>(type: "date", nullable: true, comment: "Most recent information. [ICH E2B(R3) C.1.5]"),
                    anulacion = table.Column<string>(type: "character varying(15)", maxLength: 15, nullable: true, comment: "Nullification or amendment. [ICH E2B(R3) C.1.11.1]"),
                    motivo_anulacion = table.Column<string>(type: "text", nullable: true, comment: "Why it was nullified or amended. [ICH E2B(R3) C.1.11.2]"),
                    reportante_calificacion = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: true, comment: "Qualification of the reporter. [ICH E2B(R3) C.2.r.4]"),
                    reportante_institucion = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Organisation of the reporter. [ICH E2B(R3) C.2.r.2.1]"),
                    reportante_pais = table.Column<string>(type: "character varying(2)", maxLength: 2, nullable: true, comment: "Country of the reporter (ISO 3166-1). [ICH E2B(R3) C.2.r.3]"),
                    paciente_edad_unidad = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: true, comment: "Unit of the age; years when null. [ICH E2B(R3) D.2.2b]"),
                    paciente_grupo_etario = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Age group. [ICH E2B(R3) D.2.3]"),
                    paciente_talla = table.Column<decimal>(type: "numeric(5,1)", precision: 5, scale: 1, nullable: true, comment: "Height in cm. [ICH E2B(R3) D.4]"),
                    paciente_fum = table.Column<DateOnly>(type: "date", nullable: true, comment: "Last menstrual period. [ICH E2B(R3) D.6]"),
                    paciente_historia = table.Column<string>(type: "text", nullable: true, comment: "Medical history as text. [ICH E2B(R3) D.7.2]"),
                    paciente_fecha_muerte = table.Column<DateOnly>(type: "date", nullable: true, comment: "Date of death. [ICH E2B(R3) D.9.1]"),
                    paciente_autopsia = table.Column<bool>(type: "boolean", nullable: true, comment: "Whether there was an autopsy. [ICH E2B(R3) D.9.3]"),
                    diagnostico_remitente = table.Column<string>(type: "text", nullable: true, comment: "Sender's diagnosis. [ICH E2B(R3) H.3.r]"),
                    comentario_remitente = table.Column<string>(type: "text", nullable: true, comment: "Sender's comments. [ICH E2B(R3) H.4]"),
                    fecha_limite_envio = table.Column<DateOnly>(type: "date", nullable: true, comment: "Day by which it must be sent; the deadlines are not confirmed by any source. [docs/rules.md#reporting-deadlines; decided]"),
                    asignado_a = table.Column<int>(type: "integer", nullable: true, comment: "Who works on it. [AP: case assignment; decided]"),
                    en_litigio = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Whether there is litigation. [AP: legal, litigation cases; decided]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr", x => x.id);
                    table.CheckConstraint("icsr_anulacion_check", "anulacion IN ('anulado', 'enmendado')");
                    table.CheckConstraint("icsr_ea_causalidad_check", "ea_causalidad IN ('Definida', 'Probable', 'Posible', 'Improbable', 'Condicional', 'Inclasificable')");
                    table.CheckConstraint("icsr_estado_check", "estado IN ('Pendiente', 'En progreso', 'Completado', 'Enviado', 'Cerrado')");
                    table.CheckConstraint("icsr_gravedad_check", "gravedad IN ('Grave', 'No grave', 'Sin clasificar')");
                    table.CheckConstraint("icsr_paciente_edad_unidad_check", "paciente_edad_unidad IN ('años', 'meses', 'semanas', 'días', 'horas', 'décadas')");
                    table.CheckConstraint("icsr_paciente_grupo_etario_check", "paciente_grupo_etario IN ('feto', 'neonato', 'lactante', 'niño', 'adolescente', 'adulto', 'adulto_mayor')");
                    table.CheckConstraint("icsr_reportante_calificacion_check", "reportante_calificacion IN ('medico', 'farmaceutico', 'otro_profesional', 'abogado', 'consumidor')");
                    table.CheckConstraint("icsr_tipo_reporte_check", "tipo_reporte IN ('espontaneo', 'estudio', 'otro', 'no_disponible')");
                    table.ForeignKey(
                        name: "FK_icsr_users_asignado_a",
                        column: x => x.asignado_a,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "An individual case safety report. [IL, FI, GI; fields beyond them from ICH E2B(R3)]");

            migrationBuilder.CreateTable(
                name: "senales",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    codigo = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false, comment: "Code. [decided]"),
                    titulo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Title. [EMA GVP module IX; decided]"),
                    product_id = table.Column<int>(type: "integer", nullable: true, comment: "The product. [decided]"),
                    meddra_pt_code = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "MedDRA PT code of the reaction. [decided]"),
                    meddra_pt_term = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "MedDRA PT of the reaction. [decided]"),
                    fuente = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: false, defaultValueSql: "'casos'", comment: "Where it was seen. [EMA GVP module IX; decided]"),
                    estado = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValueSql: "'detectada'", comment: "State. [EMA GVP module IX: detection, validation, assessment; decided]"),
                    prioridad = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, defaultValueSql: "'media'", comment: "Priority. [EMA GVP module IX; decided]"),
                    prr = table.Column<decimal>(type: "numeric(10,4)", precision: 10, scale: 4, nullable: true, comment: "Proportional reporting ratio. [decided]"),
                    n_casos = table.Column<int>(type: "integer", nullable: true, comment: "Cases when it was detected. [decided]"),
                    descripcion = table.Column<string>(type: "text", nullable: true, comment: "Description. [decided]"),
                    conclusion = table.Column<string>(type: "text", nullable: true, comment: "Conclusion and action. [decided]"),
                    fecha_deteccion = table.Column<DateOnly>(type: "date", nullable: false, comment: "When it was detected. [decided]"),
                    fecha_cierre = table.Column<DateOnly>(type: "date", nullable: true, comment: "When it was closed. [decided]"),
                    responsable_id = table.Column<int>(type: "integer", nullable: true, comment: "Who is responsible. [AP: qf; decided]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_senales", x => x.id);
                    table.CheckConstraint("senales_estado_check", "estado IN ('detectada', 'en_validacion', 'validada', 'refutada', 'cerrada')");
                    table.CheckConstraint("senales_fuente_check", "fuente IN ('casos', 'literatura', 'vigilancia', 'autoridad', 'otra')");
                    table.CheckConstraint("senales_prioridad_check", "prioridad IN ('alta', 'media', 'baja')");
                    table.ForeignKey(
                        name: "FK_senales_products_product_id",
                        column: x => x.product_id,
                        principalTable: "products",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_senales_users_responsable_id",
                        column: x => x.responsable_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A safety signal. [AP: signals; docs/rules.md#named-only]");

            migrationBuilder.CreateTable(
                name: "surveillance_alerts",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    scope = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, comment: "Scope. [FS]"),
                    source_id = table.Column<Guid>(type: "uuid", nullable: true, comment: "The source. [FS]"),
                    n_alerta = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Number of DIGEMID's alert. [DIG]"),
                    producto = table.Column<string>(type: "text", nullable: true, comment: "Product. [DIG]"),
                    motivo = table.Column<string>(type: "text", nullable: true, comment: "Reason. [DIG]"),
                    enlace = table.Column<string>(type: "text", nullable: true, comment: "Link. [DIG]"),
                    fecha_publicada = table.Column<DateOnly>(type: "date", nullable: true, comment: "Day of publication. [DIG]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]"),
                    severidad = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: true, comment: "Severity; its values are NOT STATED. [SO; decided]"),
                    estado = table.Column<string>(type: "character varying(12)", maxLength: 12, nullable: false, defaultValueSql: "'nueva'", comment: "What became of it. [decided]"),
                    revisado_por = table.Column<int>(type: "integer", nullable: true, comment: "Who reviewed it. [decided]"),
                    revisado_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "When. [decided]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_surveillance_alerts", x => x.id);
                    table.CheckConstraint("surveillance_alerts_estado_check", "estado IN ('nueva', 'revisada', 'descartada')");
                    table.CheckConstraint("surveillance_alerts_scope_check", "scope IN ('national', 'external')");
                    table.CheckConstraint("surveillance_alerts_severidad_check", "severidad IN ('alta', 'media', 'baja')");
                    table.ForeignKey(
                        name: "FK_surveillance_alerts_fuentes_vigilancia_source_id",
                        column: x => x.source_id,
                        principalTable: "fuentes_vigilancia",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_surveillance_alerts_users_revisado_por",
                        column: x => x.revisado_por,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "An item that surveillance found in a national or external source. [SEED; SO; DIG; docs/rules.md#surveillance-alerts]");

            migrationBuilder.CreateTable(
                name: "user_roles",
                columns: table => new
                {
                    user_id = table.Column<int>(type: "integer", nullable: false, comment: "The user. [SEED]"),
                    role_id = table.Column<int>(type: "integer", nullable: false, comment: "The role. [SEED]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_user_roles", x => new { x.user_id, x.role_id });
                    table.ForeignKey(
                        name: "FK_user_roles_roles_role_id",
                        column: x => x.role_id,
                        principalTable: "roles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_user_roles_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                },
                comment: "Roles of users, derived from users.roles by a trigger. [SEED; docs/rules.md#user-roles]");

            migrationBuilder.CreateTable(
                name: "ips_reportes",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [FP]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    producto_id = table.Column<int>(type: "integer", nullable: false, comment: "The product. [FP]"),
                    periodo_inicio = table.Column<DateOnly>(type: "date", nullable: false, comment: "First day covered. [FP]"),
                    periodo_fin = table.Column<DateOnly>(type: "date", nullable: false, comment: "Last day covered, not before the first. [FP]"),
                    version = table.Column<int>(type: "integer", nullable: false, defaultValueSql: "1", comment: "Version. [FP]"),
                    estado = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, defaultValueSql: "'borrador'", comment: "Only drafts are edited or deleted. [PC]"),
                    unidades_comercializadas = table.Column<long>(type: "bigint", nullable: true, comment: "Units sold in the period. [FP]"),
                    lotes_distribuidos = table.Column<int>(type: "integer", nullable: true, comment: "Batches distributed. [FP]"),
                    eventos_resumen = table.Column<string>(type: "jsonb", nullable: true, comment: "Summary of events. [FP]"),
                    senales_detectadas = table.Column<string>(type: "jsonb", nullable: true, comment: "Signals detected. [FP]"),
                    acciones_regulatorias = table.Column<string>(type: "jsonb", nullable: true, comment: "Regulatory actions. [FP]"),
                    evaluacion_benef_riesgo = table.Column<string>(type: "jsonb", nullable: true, comment: "Evaluation of benefit and risk. [FP]"),
                    conclusiones = table.Column<string>(type: "jsonb", nullable: true, comment: "Conclusions. [FP]"),
                    metadatos = table.Column<string>(type: "jsonb", nullable: true, comment: "Metadata; the column's name is NOT STATED. [FP; decided]"),
                    creado_por = table.Column<int>(type: "integer", nullable: true, comment: "Who made it. [decided]"),
                    aprobado_por = table.Column<int>(type: "integer", nullable: true, comment: "Who approved it. [PO: ips:approve; decided]"),
                    aprobado_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "When. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ips_reportes", x => x.id);
                    table.CheckConstraint("ips_reportes_estado_check", "estado IN ('borrador', 'validado', 'aprobado')");
                    table.CheckConstraint("ips_reportes_periodo_check", "periodo_fin >= periodo_inicio");
                    table.ForeignKey(
                        name: "FK_ips_reportes_ips_productos_producto_id",
                        column: x => x.producto_id,
                        principalTable: "ips_productos",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_ips_reportes_users_aprobado_por",
                        column: x => x.aprobado_por,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_ips_reportes_users_creado_por",
                        column: x => x.creado_por,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A periodic safety report (IPS/PSUR). [FP, PC]");

            migrationBuilder.CreateTable(
                name: "cap_asistencias",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false, comment: "Key. [decided, as the other training tables]"),
                    sesion_id = table.Column<Guid>(type: "uuid", nullable: false, comment: "The session. [TR]"),
                    empleado_id = table.Column<int>(type: "integer", nullable: false, comment: "The employee. [TR]"),
                    asistio = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Whether they came. [TR]"),
                    nota = table.Column<decimal>(type: "numeric(5,2)", precision: 5, scale: 2, nullable: true, comment: "Mark, 0-20. [decided: Peru's scale]"),
                    firmado_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "When they signed. [decided]"),
                    comentarios = table.Column<string>(type: "text", nullable: true, comment: "Comments. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cap_asistencias", x => x.id);
                    table.CheckConstraint("cap_asistencias_nota_check", "nota BETWEEN 0 AND 20");
                    table.ForeignKey(
                        name: "FK_cap_asistencias_cap_sesiones_sesion_id",
                        column: x => x.sesion_id,
                        principalTable: "cap_sesiones",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_cap_asistencias_empleados_empleado_id",
                        column: x => x.empleado_id,
                        principalTable: "empleados",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "Attendance of an employee at a session. [TR: exists, shape NOT STATED]");

            migrationBuilder.CreateTable(
                name: "correo_ingesta",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    buzon = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Mailbox. [ING: POP_USER]"),
                    uidl = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "POP3 unique id. [ING; RFC 1939]"),
                    message_id = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true, comment: "Message-ID. [ING; RFC 5322]"),
                    remitente = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "From. [ING]"),
                    asunto = table.Column<string>(type: "text", nullable: true, comment: "Subject. [ING]"),
                    recibido_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "Date of the message. [ING]"),
                    tamano_bytes = table.Column<int>(type: "integer", nullable: true, comment: "Size; POP_MAX_BYTES is the most. [ING]"),
                    estado = table.Column<string>(type: "character varying(12)", maxLength: 12, nullable: false, defaultValueSql: "'nuevo'", comment: "What became of it. [decided]"),
                    icsr_id = table.Column<int>(type: "integer", nullable: true, comment: "The case made of it. [decided]"),
                    error = table.Column<string>(type: "text", nullable: true, comment: "Why it failed. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_correo_ingesta", x => x.id);
                    table.CheckConstraint("correo_ingesta_estado_check", "estado IN ('nuevo', 'procesado', 'descartado', 'error')");
                    table.ForeignKey(
                        name: "FK_correo_ingesta_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                },
                comment: "A message of the mailbox and what became of it. [ING: POP UIDL, Message-ID]");

            migrationBuilder.CreateTable(
                name: "icsr_antecedentes",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false, comment: "The case. [decided]"),
                    tipo = table.Column<string>(type: "character varying(15)", maxLength: 15, nullable: false, defaultValueSql: "'condicion'", comment: "Condition (D.7.1.r) or past medicine (D.8.r). [ICH E2B(R3)]"),
                    texto = table.Column<string>(type: "text", nullable: false, comment: "Name as reported. [ICH E2B(R3) D.7.1.r.1b, D.8.r.1]"),
                    meddra_llt_code = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "MedDRA LLT code. [ICH E2B(R3) D.7.1.r.1b]"),
                    fecha_inicio = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true, comment: "Start, as precise as known. [ICH E2B(R3) D.7.1.r.2, D.8.r.4]"),
                    fecha_fin = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true, comment: "End, as precise as known. [ICH E2B(R3) D.7.1.r.4, D.8.r.5]"),
                    continua = table.Column<bool>(type: "boolean", nullable: true, comment: "Whether it continues. [ICH E2B(R3) D.7.1.r.3]"),
                    indicacion = table.Column<string>(type: "text", nullable: true, comment: "Indication of a past medicine. [ICH E2B(R3) D.8.r.6b]"),
                    reaccion = table.Column<string>(type: "text", nullable: true, comment: "Reaction to a past medicine. [ICH E2B(R3) D.8.r.7b]"),
                    familiar = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Family history. [ICH E2B(R3) D.7.1.r.6]"),
                    comentarios = table.Column<string>(type: "text", nullable: true, comment: "Comments. [ICH E2B(R3) D.7.1.r.5]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_antecedentes", x => x.id);
                    table.CheckConstraint("icsr_antecedentes_tipo_check", "tipo IN ('condicion', 'medicamento')");
                    table.ForeignKey(
                        name: "FK_icsr_antecedentes_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                },
                comment: "Relevant medical history and past medicines of the patient. [ICH E2B(R3) D.7.1.r, D.8.r]");

            migrationBuilder.CreateTable(
                name: "icsr_duplicados",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false, comment: "The newer case. [FI]"),
                    candidato_id = table.Column<int>(type: "integer", nullable: false, comment: "The case it resembles. [FI]"),
                    puntaje = table.Column<int>(type: "integer", nullable: false, comment: "Score 0-100: 80 or more duplicate, 45-79 review. [FI]"),
                    decision = table.Column<string>(type: "character varying(15)", maxLength: 15, nullable: false, defaultValueSql: "'pendiente'", comment: "What a person decided. [FI; decided]"),
                    motivo = table.Column<string>(type: "text", nullable: true, comment: "Why. [decided]"),
                    decidido_por = table.Column<int>(type: "integer", nullable: true, comment: "Who decided. [decided]"),
                    decidido_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "When. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_duplicados", x => x.id);
                    table.CheckConstraint("icsr_duplicados_decision_check", "decision IN ('pendiente', 'duplicado', 'no_duplicado')");
                    table.ForeignKey(
                        name: "FK_icsr_duplicados_icsr_candidato_id",
                        column: x => x.candidato_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_icsr_duplicados_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_icsr_duplicados_users_decidido_por",
                        column: x => x.decidido_por,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "What was decided of two cases that look alike. [FI; docs/rules.md#named-only]");

            migrationBuilder.CreateTable(
                name: "icsr_envios_digemid",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false, comment: "The case. [decided]"),
                    formato = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, comment: "Format. [DIG: Modelo A and B/RAM]"),
                    tipo_envio = table.Column<string>(type: "character varying(15)", maxLength: 15, nullable: false, defaultValueSql: "'inicial'", comment: "Initial, follow-up or nullification. [ICH E2B(R3) C.1.11.1; decided]"),
                    estado = table.Column<string>(type: "character varying(12)", maxLength: 12, nullable: false, defaultValueSql: "'preparado'", comment: "State. [decided]"),
                    enviado_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "When it was sent. [IU]"),
                    enviado_por = table.Column<int>(type: "integer", nullable: true, comment: "Who sent it. [decided]"),
                    codigo_acuse = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Acknowledgement code of the authority. [ICH E2B(R3) ICHICSRACK; decided]"),
                    acuse_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "When it was acknowledged. [decided]"),
                    archivo_sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, comment: "SHA-256 of the file that was sent, in hexadecimal. [decided: what was sent can be proved]"),
                    error = table.Column<string>(type: "text", nullable: true, comment: "Why it was rejected. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_envios_digemid", x => x.id);
                    table.CheckConstraint("icsr_envios_digemid_estado_check", "estado IN ('preparado', 'enviado', 'aceptado', 'rechazado')");
                    table.CheckConstraint("icsr_envios_digemid_formato_check", "formato IN ('Modelo A', 'Modelo B', 'E2B(R3)')");
                    table.CheckConstraint("icsr_envios_digemid_tipo_envio_check", "tipo_envio IN ('inicial', 'seguimiento', 'anulacion')");
                    table.ForeignKey(
                        name: "FK_icsr_envios_digemid_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_icsr_envios_digemid_users_enviado_por",
                        column: x => x.enviado_por,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A submission of a case to DIGEMID. [DIG, GR; IU: lt_fecha_envio_digemid]");

            migrationBuilder.CreateTable(
                name: "icsr_events",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key; the order of the events. [IE]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false, comment: "The case. [IE]"),
                    texto = table.Column<string>(type: "text", nullable: false, comment: "As reported; not empty. [IE; ICH E2B(R3) E.i.1.1a]"),
                    tipo_notificacion = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Type of notification. [IE]"),
                    fecha_inicio = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true, comment: "Start. [IE; ICH E2B(R3) E.i.4]"),
                    fecha_fin = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true, comment: "End. [IE; ICH E2B(R3) E.i.5]"),
                    gravedad = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Severity of this event. [IE]"),
                    causalidad = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Causality of this event. [IE; docs/rules.md#documented-states]"),
                    desenlace = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Outcome. [IE; ICH E2B(R3) E.i.7]"),
                    solo_ram_grave = table.Column<string>(type: "text", nullable: true, comment: "As documented; its meaning is NOT STATED. [IE]"),
                    texto_correo = table.Column<string>(type: "text", nullable: true, comment: "Text of the e-mail it came from. [IE]"),
                    doc_fuente_url = table.Column<string>(type: "text", nullable: true, comment: "Address of the source document. [IE]"),
                    meddra_llt_code = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "LLT code. [IE; ICH E2B(R3) E.i.2.1b]"),
                    meddra_llt_term = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "LLT. [IE]"),
                    meddra_pt_code = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "PT code. [IE]"),
                    meddra_pt_term = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "PT. [IE]"),
                    meddra_pt_manual = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "PT entered by hand. [IE]"),
                    is_from_narrative = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Whether it was found in the narrative. [IE]"),
                    meddra_version_id = table.Column<int>(type: "integer", nullable: true, comment: "The version of the codes. [FA; ICH E2B(R3) E.i.2.1a]"),
                    muerte = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Results in death. [ICH E2B(R3) E.i.3.2a]"),
                    amenaza_vida = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Life-threatening. [ICH E2B(R3) E.i.3.2b]"),
                    hospitalizacion = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Caused or prolonged hospitalisation. [ICH E2B(R3) E.i.3.2c]"),
                    discapacidad = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Disabling or incapacitating. [ICH E2B(R3) E.i.3.2d]"),
                    anomalia_congenita = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Congenital anomaly or birth defect. [ICH E2B(R3) E.i.3.2e]"),
                    otra_condicion = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Other medically important condition. [ICH E2B(R3) E.i.3.2f]"),
                    confirmado_medicamente = table.Column<bool>(type: "boolean", nullable: true, comment: "Confirmed by a health professional. [ICH E2B(R3) E.i.8]"),
                    pais = table.Column<string>(type: "character varying(2)", maxLength: 2, nullable: true, comment: "Country where it occurred (ISO 3166-1). [ICH E2B(R3) E.i.9]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_events", x => x.id);
                    table.CheckConstraint("icsr_events_causalidad_check", "causalidad IN ('Definida', 'Probable', 'Posible', 'Improbable', 'Condicional', 'Inclasificable')");
                    table.CheckConstraint("icsr_events_gravedad_check", "gravedad IN ('Grave', 'No grave', 'Sin clasificar')");
                    table.CheckConstraint("icsr_events_texto_check", "btrim(texto) <> ''");
                    table.ForeignKey(
                        name: "FK_icsr_events_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_icsr_events_meddra_versiones_meddra_version_id",
                        column: x => x.meddra_version_id,
                        principalTable: "meddra_versiones",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "An adverse event of a case. Its dates are texts, as documented: a reporter often knows only the month. [IE]");

            migrationBuilder.CreateTable(
                name: "icsr_products",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false, comment: "The case. [FI]"),
                    tipo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValueSql: "'sospechoso'", comment: "Role of the product. [IL; ICH E2B(R3) G.k.1]"),
                    nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Name as reported. [FI; ICH E2B(R3) G.k.2.2]"),
                    principio_activo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Active ingredient (IFA). [FI; ICH E2B(R3) G.k.2.3.r]"),
                    forma_farmaceutica = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Pharmaceutical form. [FI; ICH E2B(R3) G.k.4.r.9]"),
                    registro_sanitario = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Registration number. [FI; ICH E2B(R3) G.k.3.1]"),
                    lote = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Batch. [FI; ICH E2B(R3) G.k.4.r.7]"),
                    via = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Route. [FI; ICH E2B(R3) G.k.4.r.10]"),
                    dosis = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Dose. [FI; ICH E2B(R3) G.k.4.r.8]"),
                    frecuencia = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Frequency. [FI; ICH E2B(R3) G.k.4.r.2]"),
                    fecha_inicio = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true, comment: "Start. [FI; ICH E2B(R3) G.k.4.r.4]"),
                    fecha_fin = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true, comment: "End. [FI; ICH E2B(R3) G.k.4.r.5]"),
                    reexposicion = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Rechallenge: what happened when it was given again. [FI; ICH E2B(R3) G.k.9.i.4]"),
                    retirada = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Dechallenge: what happened when it was withdrawn. [FI; ICH E2B(R3) G.k.8]"),
                    product_id = table.Column<int>(type: "integer", nullable: true, comment: "The product of the catalogue. [decided]"),
                    concentracion = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Strength. [ICH E2B(R3) G.k.2.3.r.3]"),
                    titular = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Holder of the registration. [ICH E2B(R3) G.k.3.3]"),
                    indicacion = table.Column<string>(type: "text", nullable: true, comment: "Indication as reported. [ICH E2B(R3) G.k.7.r.1]"),
                    accion_tomada = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Action taken. [ICH E2B(R3) G.k.8]"),
                    lote_vencimiento = table.Column<DateOnly>(type: "date", nullable: true, comment: "Expiry of the batch. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_products", x => x.id);
                    table.CheckConstraint("icsr_products_accion_tomada_check", "accion_tomada IN ('retirado', 'dosis_reducida', 'dosis_aumentada', 'sin_cambio', 'desconocida', 'no_aplica')");
                    table.CheckConstraint("icsr_products_tipo_check", "tipo IN ('sospechoso', 'concomitante', 'interactuante')");
                    table.ForeignKey(
                        name: "FK_icsr_products_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_icsr_products_products_product_id",
                        column: x => x.product_id,
                        principalTable: "products",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A product of a case: suspect, interacting, or taken along with it. Concomitants are rows of this table. [FI; IL: productos, concomitantes; storage NOT STATED]");

            migrationBuilder.CreateTable(
                name: "icsr_pruebas",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false, comment: "The case. [decided]"),
                    fecha = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true, comment: "Date, as precise as known. [ICH E2B(R3) F.r.1]"),
                    nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Name as reported. [ICH E2B(R3) F.r.2.1]"),
                    meddra_llt_code = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "MedDRA LLT code. [ICH E2B(R3) F.r.2.2b]"),
                    resultado = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Result: value, qualifier or text. [ICH E2B(R3) F.r.3.2, F.r.3.4]"),
                    unidad = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Unit of the value (UCUM). [ICH E2B(R3) F.r.3.3]"),
                    normal_minimo = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Normal low value. [ICH E2B(R3) F.r.4]"),
                    normal_maximo = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true, comment: "Normal high value. [ICH E2B(R3) F.r.5]"),
                    comentarios = table.Column<string>(type: "text", nullable: true, comment: "Comments. [ICH E2B(R3) F.r.6]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_pruebas", x => x.id);
                    table.ForeignKey(
                        name: "FK_icsr_pruebas_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                },
                comment: "Results of tests and procedures. [ICH E2B(R3) F.r]");

            migrationBuilder.CreateTable(
                name: "icsr_seguimiento_mensajes",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [IF]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false, comment: "The case. [IF]"),
                    channel = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, comment: "Channel. [IF]"),
                    direction = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false, comment: "Received or sent. [IF]"),
                    body = table.Column<string>(type: "text", nullable: false, comment: "Text. [IF]"),
                    external_id = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "The channel's own id. [IF]"),
                    user_id = table.Column<int>(type: "integer", nullable: true, comment: "Who sent it; null for what came in. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When. [IF]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_seguimiento_mensajes", x => x.id);
                    table.CheckConstraint("icsr_seguimiento_mensajes_channel_check", "channel IN ('email', 'sms', 'whatsapp')");
                    table.CheckConstraint("icsr_seguimiento_mensajes_direction_check", "direction IN ('in', 'out')");
                    table.ForeignKey(
                        name: "FK_icsr_seguimiento_mensajes_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_icsr_seguimiento_mensajes_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                },
                comment: "A message of the follow-up thread of a case. [IF]");

            migrationBuilder.CreateTable(
                name: "senal_casos",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    senal_id = table.Column<int>(type: "integer", nullable: false, comment: "The signal. [decided]"),
                    icsr_id = table.Column<int>(type: "integer", nullable: false, comment: "The case. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_senal_casos", x => x.id);
                    table.ForeignKey(
                        name: "FK_senal_casos_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_senal_casos_senales_senal_id",
                        column: x => x.senal_id,
                        principalTable: "senales",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                },
                comment: "A case that supports a signal. [decided]");

            migrationBuilder.CreateTable(
                name: "ips_fuentes",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [PD]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    reporte_id = table.Column<int>(type: "integer", nullable: false, comment: "The report. [PD: per report]"),
                    source = table.Column<string>(type: "character varying(15)", maxLength: 15, nullable: false, comment: "Data base. [PD]"),
                    title = table.Column<string>(type: "text", nullable: false, comment: "Title. [PD]"),
                    citation = table.Column<string>(type: "text", nullable: true, comment: "Citation. [PD]"),
                    url = table.Column<string>(type: "text", nullable: false, comment: "Address. [PD]"),
                    year = table.Column<int>(type: "integer", nullable: true, comment: "Year. [PD]"),
                    journal = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Journal. [PD]"),
                    @abstract = table.Column<string>(name: "abstract", type: "text", nullable: true, comment: "Abstract. [PD]"),
                    detected_total = table.Column<int>(type: "integer", nullable: true, comment: "References the search found in all. [PD]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ips_fuentes", x => x.id);
                    table.CheckConstraint("ips_fuentes_source_check", "source IN ('PMC', 'LILACS', 'SCIELO-WEB', 'OTRA')");
                    table.ForeignKey(
                        name: "FK_ips_fuentes_ips_reportes_reporte_id",
                        column: x => x.reporte_id,
                        principalTable: "ips_reportes",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                },
                comment: "A literature reference of a periodic report. [PD: fuentes]");

            migrationBuilder.CreateTable(
                name: "icsr_causalidad",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false, comment: "The case. [GC]"),
                    icsr_event_id = table.Column<int>(type: "integer", nullable: true, comment: "The event; null for the case as a whole. [ICH E2B(R3) G.k.9.i.1]"),
                    icsr_product_id = table.Column<int>(type: "integer", nullable: true, comment: "The product; null for the case as a whole. [ICH E2B(R3) G.k.9.i]"),
                    metodo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, comment: "Method. [GC; ICH E2B(R3) G.k.9.i.2.r.2]"),
                    respuestas = table.Column<string>(type: "jsonb", nullable: false, defaultValueSql: "'{}'", comment: "Answers by criterion, as the method's form has them. [decided]"),
                    puntaje = table.Column<int>(type: "integer", nullable: true, comment: "Score, where the method gives one. [decided]"),
                    resultado = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, comment: "Result. [GC; ICH E2B(R3) G.k.9.i.2.r.3]"),
                    fuente = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValueSql: "'titular'", comment: "Who assessed. [ICH E2B(R3) G.k.9.i.2.r.1]"),
                    comentarios = table.Column<string>(type: "text", nullable: true, comment: "Reasons. [decided]"),
                    evaluado_por = table.Column<int>(type: "integer", nullable: true, comment: "Who assessed it. [AP: qf; decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_causalidad", x => x.id);
                    table.CheckConstraint("icsr_causalidad_fuente_check", "fuente IN ('titular', 'reportante', 'autoridad')");
                    table.CheckConstraint("icsr_causalidad_metodo_check", "metodo IN ('Karch-Lasagna', 'FT42')");
                    table.CheckConstraint("icsr_causalidad_resultado_check", "resultado IN ('Definida', 'Probable', 'Posible', 'Improbable', 'Condicional', 'Inclasificable')");
                    table.ForeignKey(
                        name: "FK_icsr_causalidad_icsr_events_icsr_event_id",
                        column: x => x.icsr_event_id,
                        principalTable: "icsr_events",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_icsr_causalidad_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_icsr_causalidad_icsr_products_icsr_product_id",
                        column: x => x.icsr_product_id,
                        principalTable: "icsr_products",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_icsr_causalidad_users_evaluado_por",
                        column: x => x.evaluado_por,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A causality assessment of one event and product of a case. [GC; docs/rules.md#named-only]");

            migrationBuilder.CreateTable(
                name: "icsr_seguimiento_plan",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false, comment: "The case. [GF]"),
                    dia = table.Column<int>(type: "integer", nullable: false, comment: "Days after reception. [GF: 0, 30, 60, 90; the days are a setting]"),
                    fecha_programada = table.Column<DateOnly>(type: "date", nullable: false, comment: "When it is due. [GF]"),
                    estado = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, defaultValueSql: "'Pending'", comment: "State. [GF]"),
                    datos_faltantes = table.Column<string>(type: "jsonb", nullable: false, defaultValueSql: "'{}'", comment: "What is missing, by group: paciente, producto, evento, reporter. [GF]"),
                    mensaje_id = table.Column<int>(type: "integer", nullable: true, comment: "The message that was sent. [decided]"),
                    respondido_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "When the reporter answered. [decided]"),
                    comentarios = table.Column<string>(type: "text", nullable: true, comment: "Comments. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_seguimiento_plan", x => x.id);
                    table.CheckConstraint("icsr_seguimiento_plan_estado_check", "estado IN ('Pending', 'Sent', 'Responded', 'Completed')");
                    table.ForeignKey(
                        name: "FK_icsr_seguimiento_plan_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_icsr_seguimiento_plan_icsr_seguimiento_mensajes_mensaje_id",
                        column: x => x.mensaje_id,
                        principalTable: "icsr_seguimiento_mensajes",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                },
                comment: "A planned attempt to get what is missing of a case: day 0, 30, 60, 90. [GF]");

            migrationBuilder.CreateTable(
                name: "cap_certificados",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false, comment: "Key. [decided]"),
                    programa_id = table.Column<Guid>(type: "uuid", nullable: false, comment: "The programme. [TR]"),
                    empleado_id = table.Column<int>(type: "integer", nullable: false, comment: "The employee. [TR]"),
                    codigo = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false, comment: "Code printed on it. [decided]"),
                    fecha_emision = table.Column<DateOnly>(type: "date", nullable: false, comment: "Date of issue. [decided]"),
                    vence_en = table.Column<DateOnly>(type: "date", nullable: true, comment: "End of validity. [decided]"),
                    documento_id = table.Column<int>(type: "integer", nullable: true, comment: "The file. [decided]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cap_certificados", x => x.id);
                    table.ForeignKey(
                        name: "FK_cap_certificados_cap_programas_programa_id",
                        column: x => x.programa_id,
                        principalTable: "cap_programas",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_cap_certificados_empleados_empleado_id",
                        column: x => x.empleado_id,
                        principalTable: "empleados",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A certificate of a programme. [TR: exists, shape NOT STATED]");

            migrationBuilder.CreateTable(
                name: "cap_materiales",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false, comment: "Key. [TR]"),
                    programa_id = table.Column<Guid>(type: "uuid", nullable: false, comment: "The programme. [decided]"),
                    sesion_id = table.Column<Guid>(type: "uuid", nullable: true, comment: "The session, where it belongs to one. [decided]"),
                    titulo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Title. [TR]"),
                    descripcion = table.Column<string>(type: "text", nullable: true, comment: "Description. [TR]"),
                    url = table.Column<string>(type: "text", nullable: true, comment: "Address, for what is elsewhere. [decided]"),
                    documento_id = table.Column<int>(type: "integer", nullable: true, comment: "The document, for what is here. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cap_materiales", x => x.id);
                    table.ForeignKey(
                        name: "FK_cap_materiales_cap_programas_programa_id",
                        column: x => x.programa_id,
                        principalTable: "cap_programas",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_cap_materiales_cap_sesiones_sesion_id",
                        column: x => x.sesion_id,
                        principalTable: "cap_sesiones",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                },
                comment: "Material of a programme. [TR: CapMaterial, cut]");

            migrationBuilder.CreateTable(
                name: "documento_firmas",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [decided]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    version_id = table.Column<int>(type: "integer", nullable: false, comment: "The version that is signed. [FD]"),
                    user_id = table.Column<int>(type: "integer", nullable: false, comment: "Who signs. [21 CFR 11.50(a)(1)]"),
                    significado = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, comment: "Meaning of the signature. [21 CFR 11.50(a)(3)]"),
                    nombre_impreso = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Printed name at the time. [21 CFR 11.50(a)(1)]"),
                    estado = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, defaultValueSql: "'pendiente'", comment: "State. [decided]"),
                    otp_hash = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Hash of the one-time code; never the code. [FD: OTP; decided]"),
                    otp_vence_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "End of the code. [decided]"),
                    intentos = table.Column<int>(type: "integer", nullable: false, defaultValueSql: "0", comment: "Wrong codes so far. [decided]"),
                    documento_sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, comment: "SHA-256 of what was signed. [21 CFR 11.70]"),
                    motivo = table.Column<string>(type: "text", nullable: true, comment: "Comment or reason of a refusal. [decided]"),
                    firmado_en = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true, comment: "Date and time of signing. [21 CFR 11.50(a)(2)]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_documento_firmas", x => x.id);
                    table.CheckConstraint("documento_firmas_estado_check", "estado IN ('pendiente', 'firmado', 'rechazado', 'vencido')");
                    table.CheckConstraint("documento_firmas_significado_check", "significado IN ('elaboro', 'reviso', 'aprobo', 'leyo')");
                    table.ForeignKey(
                        name: "FK_documento_firmas_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "An electronic signature of a document's version, confirmed by a one-time code. [FD: signature with OTP; 21 CFR 11.50, 11.70]");

            migrationBuilder.CreateTable(
                name: "documento_versiones",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [FD]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    documento_id = table.Column<int>(type: "integer", nullable: false, comment: "The document. [FD]"),
                    version = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, comment: "Version. [FD]"),
                    file_path = table.Column<string>(type: "text", nullable: false, comment: "Path. [FD]"),
                    file_name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Name. [FD]"),
                    file_mime = table.Column<string>(type: "character varying(127)", maxLength: 127, nullable: true, comment: "Media type. [FD]"),
                    file_size = table.Column<long>(type: "bigint", nullable: true, comment: "Bytes. [FD]"),
                    file_sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, comment: "SHA-256 in hexadecimal. [decided: a signature is bound to the bytes, 21 CFR 11.70]"),
                    created_by = table.Column<int>(type: "integer", nullable: true, comment: "Who uploaded it. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When. [FD]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_documento_versiones", x => x.id);
                    table.ForeignKey(
                        name: "FK_documento_versiones_users_created_by",
                        column: x => x.created_by,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                },
                comment: "A version of a document. [FD: DocumentoVersion]");

            migrationBuilder.CreateTable(
                name: "documentos",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false, comment: "Key. [FD]")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    codigo = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false, comment: "Code, such as FO-FMV-002. [FD]"),
                    titulo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, comment: "Title. [FD]"),
                    categoria = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "Code of a category; text, as the product writes it. [FD]"),
                    owner_type = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true, comment: "IPS, ICSR, TRAINING and others. [FD]"),
                    owner_id = table.Column<int>(type: "integer", nullable: true, comment: "Key of the owner. [FD]"),
                    area = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, comment: "Area. [FD]"),
                    version = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValueSql: "'1.0'", comment: "Present version. [FD: text, default 1.0]"),
                    vigente = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "true", comment: "Whether it is in force. [FD]"),
                    current_version_id = table.Column<int>(type: "integer", nullable: true, comment: "The present version. [FD]"),
                    nombre_original = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, comment: "Name of the file as uploaded. [FD]"),
                    tipo_mime = table.Column<string>(type: "character varying(127)", maxLength: 127, nullable: true, comment: "Media type. [FD]"),
                    tamano_bytes = table.Column<long>(type: "bigint", nullable: true, comment: "Size in bytes. [FD]"),
                    ruta_archivo = table.Column<string>(type: "text", nullable: true, comment: "Path of the file. [FD; DO: media/docs/{codigo}/v{version}]"),
                    tags = table.Column<string>(type: "text", nullable: true, comment: "Comma-separated. [FD]"),
                    meta = table.Column<string>(type: "jsonb", nullable: true, comment: "Metadata. [FD]"),
                    icsr_id = table.Column<int>(type: "integer", nullable: true, comment: "The case, optional. [FD]"),
                    es_demo = table.Column<bool>(type: "boolean", nullable: false, defaultValueSql: "false", comment: "Part of the demonstration data, which can be removed as a whole. [decided]"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was made. [UM: created_at; decided elsewhere]"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()", comment: "When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_documentos", x => x.id);
                    table.ForeignKey(
                        name: "FK_documentos_documento_versiones_current_version_id",
                        column: x => x.current_version_id,
                        principalTable: "documento_versiones",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_documentos_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                },
                comment: "A controlled document. [FD, DU: models/documento.py]");

            migrationBuilder.InsertData(
                table: "roles",
                columns: new[] { "id", "label", "name", "permissions" },
                values: new object[,]
                {
                    { 1, "Administrador", "admin", new[] { "icsr:list", "icsr:read", "icsr:create", "icsr:update", "icsr:delete", "causalidad:list", "causalidad:read", "causalidad:create", "causalidad:update", "causalidad:delete", "seguimiento:list", "seguimiento:read", "seguimiento:create", "seguimiento:update", "seguimiento:delete", "duplicados:list", "duplicados:read", "duplicados:create", "duplicados:update", "duplicados:delete", "envios:list", "envios:read", "envios:create", "envios:update", "envios:delete", "senales:list", "senales:read", "senales:create", "senales:update", "senales:delete", "ips:list", "ips:read", "ips:create", "ips:update", "ips:delete", "calendario_ips:list", "calendario_ips:read", "calendario_ips:create", "calendario_ips:update", "calendario_ips:delete", "documentos:list", "documentos:read", "documentos:create", "documentos:update", "documentos:delete", "vigilancia:list", "vigilancia:read", "vigilancia:create", "vigilancia:update", "vigilancia:delete", "capacitacion:list", "capacitacion:read", "capacitacion:create", "capacitacion:update", "capacitacion:delete", "productos:list", "productos:read", "productos:create", "productos:update", "productos:delete", "clientes:list", "clientes:read", "clientes:create", "clientes:update", "clientes:delete", "establecimientos:list", "establecimientos:read", "establecimientos:create", "establecimientos:update", "establecimientos:delete", "comprobantes:list", "comprobantes:read", "comprobantes:create", "comprobantes:update", "comprobantes:delete", "meddra:list", "meddra:read", "meddra:create", "meddra:update", "meddra:delete", "empleados:list", "empleados:read", "empleados:create", "empleados:update", "empleados:delete", "usuarios:list", "usuarios:read", "usuarios:create", "usuarios:update", "usuarios:delete", "roles:list", "roles:read", "roles:create", "roles:update", "roles:delete", "configuracion:list", "configuracion:read", "configuracion:create", "configuracion:update", "configuracion:delete", "auditoria:list", "auditoria:read", "auditoria:create", "auditoria:update", "auditoria:delete", "ingesta:list", "ingesta:read", "ingesta:create", "ingesta:update", "ingesta:delete", "icsr:asignar", "icsr:qc", "icsr:litigio", "ips:edit", "ips:qa", "ips:approve", "ips:export", "documentos:aprobar", "documentos:firmar", "configuracion:aprobar" } },
                    { 2, "Químico farmacéutico", "qf", new[] { "icsr:list", "icsr:read", "icsr:create", "icsr:update", "causalidad:list", "causalidad:read", "causalidad:create", "causalidad:update", "seguimiento:list", "seguimiento:read", "seguimiento:create", "seguimiento:update", "duplicados:list", "duplicados:read", "duplicados:create", "duplicados:update", "envios:list", "envios:read", "envios:create", "envios:update", "senales:list", "senales:read", "senales:create", "senales:update", "ips:list", "ips:read", "ips:create", "ips:update", "calendario_ips:list", "calendario_ips:read", "calendario_ips:create", "calendario_ips:update", "documentos:list", "documentos:read", "documentos:create", "documentos:update", "vigilancia:list", "vigilancia:read", "vigilancia:create", "vigilancia:update", "icsr:delete", "ips:delete", "ips:edit", "ips:export", "documentos:aprobar", "documentos:firmar", "productos:list", "productos:read", "clientes:list", "clientes:read", "meddra:list", "meddra:read", "capacitacion:list", "capacitacion:read", "empleados:list", "empleados:read" } },
                    { 3, "Responsable de farmacovigilancia", "responsable_fv", new[] { "icsr:list", "icsr:read", "icsr:create", "icsr:update", "causalidad:list", "causalidad:read", "causalidad:create", "causalidad:update", "seguimiento:list", "seguimiento:read", "seguimiento:create", "seguimiento:update", "duplicados:list", "duplicados:read", "duplicados:create", "duplicados:update", "envios:list", "envios:read", "envios:create", "envios:update", "senales:list", "senales:read", "senales:create", "senales:update", "ips:list", "ips:read", "ips:create", "ips:update", "calendario_ips:list", "calendario_ips:read", "calendario_ips:create", "calendario_ips:update", "documentos:list", "documentos:read", "documentos:create", "documentos:update", "vigilancia:list", "vigilancia:read", "vigilancia:create", "vigilancia:update", "capacitacion:list", "capacitacion:read", "capacitacion:create", "capacitacion:update", "productos:list", "productos:read", "productos:create", "productos:update", "clientes:list", "clientes:read", "clientes:create", "clientes:update", "icsr:asignar", "ips:edit", "ips:approve", "ips:export", "documentos:firmar", "meddra:list", "meddra:read", "empleados:list", "empleados:read", "usuarios:list", "usuarios:read", "auditoria:list", "auditoria:read", "ingesta:list", "ingesta:read" } },
                    { 4, "Aseguramiento de la calidad", "qa", new[] { "icsr:list", "icsr:read", "causalidad:list", "causalidad:read", "seguimiento:list", "seguimiento:read", "duplicados:list", "duplicados:read", "envios:list", "envios:read", "senales:list", "senales:read", "ips:list", "ips:read", "calendario_ips:list", "calendario_ips:read", "vigilancia:list", "vigilancia:read", "productos:list", "productos:read", "empleados:list", "empleados:read", "auditoria:list", "auditoria:read", "documentos:list", "documentos:read", "documentos:create", "documentos:update", "capacitacion:list", "capacitacion:read", "capacitacion:create", "capacitacion:update", "icsr:qc", "ips:qa", "ips:export", "documentos:aprobar", "documentos:firmar" } },
                    { 5, "Dirección técnica", "direccion_tecnica", new[] { "icsr:list", "icsr:read", "causalidad:list", "causalidad:read", "envios:list", "envios:read", "senales:list", "senales:read", "ips:list", "ips:read", "calendario_ips:list", "calendario_ips:read", "documentos:list", "documentos:read", "vigilancia:list", "vigilancia:read", "capacitacion:list", "capacitacion:read", "productos:list", "productos:read", "clientes:list", "clientes:read", "establecimientos:list", "establecimientos:read", "empleados:list", "empleados:read", "configuracion:list", "configuracion:read", "auditoria:list", "auditoria:read", "ips:approve", "ips:export", "documentos:aprobar", "documentos:firmar", "configuracion:aprobar" } },
                    { 6, "Legal", "legal", new[] { "icsr:list", "icsr:read", "envios:list", "envios:read", "senales:list", "senales:read", "ips:list", "ips:read", "calendario_ips:list", "calendario_ips:read", "documentos:list", "documentos:read", "productos:list", "productos:read", "clientes:list", "clientes:read", "icsr:litigio", "documentos:update", "ips:export" } },
                    { 7, "Soporte", "soporte", new[] { "icsr:list", "icsr:read", "usuarios:list", "usuarios:read", "configuracion:list", "configuracion:read", "capacitacion:list", "capacitacion:read", "ingesta:list", "ingesta:read", "usuarios:update", "configuracion:update" } }
                });

            migrationBuilder.InsertData(
                table: "tenant_limits",
                columns: new[] { "id", "limitar_emision", "max_comprobantes", "max_establecimientos", "max_usuarios", "revision" },
                values: new object[] { true, false, null, null, null, 0L });

            migrationBuilder.CreateIndex(
                name: "audit_log_entity_entity_id_idx",
                table: "audit_log",
                columns: new[] { "entity", "entity_id" });

            migrationBuilder.CreateIndex(
                name: "calendario_ips_fecha_lim_elaboracion_idx",
                table: "calendario_ips",
                column: "fecha_lim_elaboracion");

            migrationBuilder.CreateIndex(
                name: "cap_asistencias_sesion_id_empleado_id_key",
                table: "cap_asistencias",
                columns: new[] { "sesion_id", "empleado_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "cap_certificados_codigo_key",
                table: "cap_certificados",
                column: "codigo",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "cap_materiales_programa_id_idx",
                table: "cap_materiales",
                column: "programa_id");

            migrationBuilder.CreateIndex(
                name: "cap_sesiones_programa_id_idx",
                table: "cap_sesiones",
                column: "programa_id");

            migrationBuilder.CreateIndex(
                name: "comprobantes_tipo_serie_numero_key",
                table: "comprobantes",
                columns: new[] { "tipo", "serie", "numero" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "configuracion_clave_key",
                table: "configuracion",
                column: "clave",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "correo_ingesta_buzon_uidl_key",
                table: "correo_ingesta",
                columns: new[] { "buzon", "uidl" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "correo_ingesta_message_id_key",
                table: "correo_ingesta",
                column: "message_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "destinatarios_vigilancia_scope_email_key",
                table: "destinatarios_vigilancia",
                columns: new[] { "scope", "email" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "documento_categorias_codigo_key",
                table: "documento_categorias",
                column: "codigo",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "documento_firmas_version_id_idx",
                table: "documento_firmas",
                column: "version_id");

            migrationBuilder.CreateIndex(
                name: "documento_versiones_documento_id_version_key",
                table: "documento_versiones",
                columns: new[] { "documento_id", "version" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "documentos_codigo_key",
                table: "documentos",
                column: "codigo",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "documentos_owner_type_owner_id_idx",
                table: "documentos",
                columns: new[] { "owner_type", "owner_id" });

            migrationBuilder.CreateIndex(
                name: "empleados_codigo_key",
                table: "empleados",
                column: "codigo",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "empleados_dni_key",
                table: "empleados",
                column: "dni",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "establecimientos_codigo_key",
                table: "establecimientos",
                column: "codigo",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "icsr_codigo_interno_key",
                table: "icsr",
                column: "codigo_interno",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "icsr_estado_idx",
                table: "icsr",
                column: "estado");

            migrationBuilder.CreateIndex(
                name: "icsr_fecha_recepcion_idx",
                table: "icsr",
                column: "fecha_recepcion");

            migrationBuilder.CreateIndex(
                name: "icsr_antecedentes_icsr_id_idx",
                table: "icsr_antecedentes",
                column: "icsr_id");

            migrationBuilder.CreateIndex(
                name: "icsr_causalidad_icsr_id_idx",
                table: "icsr_causalidad",
                column: "icsr_id");

            migrationBuilder.CreateIndex(
                name: "icsr_correlativos_prefijo_anio_key",
                table: "icsr_correlativos",
                columns: new[] { "prefijo", "anio" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "icsr_duplicados_icsr_id_candidato_id_key",
                table: "icsr_duplicados",
                columns: new[] { "icsr_id", "candidato_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "icsr_envios_digemid_icsr_id_idx",
                table: "icsr_envios_digemid",
                column: "icsr_id");

            migrationBuilder.CreateIndex(
                name: "icsr_events_icsr_id_idx",
                table: "icsr_events",
                column: "icsr_id");

            migrationBuilder.CreateIndex(
                name: "icsr_products_icsr_id_idx",
                table: "icsr_products",
                column: "icsr_id");

            migrationBuilder.CreateIndex(
                name: "icsr_pruebas_icsr_id_idx",
                table: "icsr_pruebas",
                column: "icsr_id");

            migrationBuilder.CreateIndex(
                name: "icsr_seguimiento_mensajes_icsr_id_idx",
                table: "icsr_seguimiento_mensajes",
                column: "icsr_id");

            migrationBuilder.CreateIndex(
                name: "icsr_seguimiento_plan_icsr_id_dia_key",
                table: "icsr_seguimiento_plan",
                columns: new[] { "icsr_id", "dia" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ips_reportes_producto_id_periodo_inicio_periodo_fin_version_key",
                table: "ips_reportes",
                columns: new[] { "producto_id", "periodo_inicio", "periodo_fin", "version" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "meddra_terminos_version_id_nivel_codigo_key",
                table: "meddra_terminos",
                columns: new[] { "version_id", "nivel", "codigo" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "meddra_terminos_version_id_termino_idx",
                table: "meddra_terminos",
                columns: new[] { "version_id", "termino" });

            migrationBuilder.CreateIndex(
                name: "meddra_versiones_version_idioma_key",
                table: "meddra_versiones",
                columns: new[] { "version", "idioma" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "programaciones_vigilancia_scope_key",
                table: "programaciones_vigilancia",
                column: "scope",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "roles_name_key",
                table: "roles",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "senal_casos_senal_id_icsr_id_key",
                table: "senal_casos",
                columns: new[] { "senal_id", "icsr_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "senales_codigo_key",
                table: "senales",
                column: "codigo",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "surveillance_alerts_scope_fecha_publicada_idx",
                table: "surveillance_alerts",
                columns: new[] { "scope", "fecha_publicada" });

            migrationBuilder.CreateIndex(
                name: "user_roles_role_id_idx",
                table: "user_roles",
                column: "role_id");

            migrationBuilder.AddForeignKey(
                name: "FK_cap_certificados_documentos_documento_id",
                table: "cap_certificados",
                column: "documento_id",
                principalTable: "documentos",
                principalColumn: "id",
                onDelete: ReferentialAction.SetNull);

            migrationBuilder.AddForeignKey(
                name: "FK_cap_materiales_documentos_documento_id",
                table: "cap_materiales",
                column: "documento_id",
                principalTable: "documentos",
                principalColumn: "id",
                onDelete: ReferentialAction.SetNull);

            migrationBuilder.AddForeignKey(
                name: "FK_documento_firmas_documento_versiones_version_id",
                table: "documento_firmas",
                column: "version_id",
                principalTable: "documento_versiones",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "FK_documento_versiones_documentos_documento_id",
                table: "documento_versiones",
                column: "documento_id",
                principalTable: "documentos",
                principalColumn: "id",
                onDelete: ReferentialAction.Cascade);

            migrationBuilder.Sql(SchemaSql.Read("tenant_0001.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Migrations only add: a tenant's records are never taken away.");
    }
}
