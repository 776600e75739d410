using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

#pragma warning disable CA1814 // Prefer jagged arrays over multidimensional

namespace Vigia.Core.TenantDatabase.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit_log",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    user_id = table.Column<int>(type: "integer", nullable: true),
                    actor = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    action = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    entity = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    entity_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    trace_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    detail = table.Column<string>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit_log", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "clients",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    ruc = table.Column<string>(type: "character varying(11)", maxLength: 11, nullable: true),
                    razon_social = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    contacto_nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    correo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    telefono = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    is_active = table.Column<bool>(type: "boolean", nullable: false, defaultValue: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_clients", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "icsr",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    numero = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    codigo_interno = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    paciente_iniciales = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    paciente_dni = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    paciente_fecha_nacimiento = table.Column<DateOnly>(type: "date", nullable: true),
                    paciente_edad = table.Column<int>(type: "integer", nullable: true),
                    paciente_sexo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    paciente_peso = table.Column<decimal>(type: "numeric(6,2)", precision: 6, scale: 2, nullable: true),
                    paciente_diagnostico_principal = table.Column<string>(type: "text", nullable: true),
                    reportante_nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    reportante_email = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    reportante_telefono = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    reportante_contacto = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    producto_sospechoso = table.Column<string>(type: "text", nullable: true),
                    fecha_inicio_evento = table.Column<DateOnly>(type: "date", nullable: true),
                    fecha_fin_evento = table.Column<DateOnly>(type: "date", nullable: true),
                    fecha_recepcion = table.Column<DateOnly>(type: "date", nullable: false, defaultValueSql: "(now() AT TIME ZONE 'America/Lima')::date"),
                    origen_notificacion = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    descripcion_evento = table.Column<string>(type: "text", nullable: true),
                    gravedad = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValue: "Sin clasificar"),
                    estado = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValue: "Pendiente"),
                    ea_causalidad = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    ea_desenlace = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    qc_realizado_por = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    qc_fecha = table.Column<DateOnly>(type: "date", nullable: true),
                    lt_fecha_envio_digemid = table.Column<DateOnly>(type: "date", nullable: true),
                    revision_senales = table.Column<string>(type: "text", nullable: true),
                    comentarios_adicionales = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr", x => x.id);
                    table.CheckConstraint("icsr_ea_causalidad_check", "ea_causalidad IN ('Definida', 'Probable', 'Posible', 'Improbable', 'Condicional', 'Inclasificable')");
                    table.CheckConstraint("icsr_estado_check", "estado IN ('Pendiente', 'En progreso', 'Completado', 'Enviado', 'Cerrado')");
                    table.CheckConstraint("icsr_gravedad_check", "gravedad IN ('Grave', 'No grave', 'Sin clasificar')");
                });

            migrationBuilder.CreateTable(
                name: "products",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    principio_activo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    forma_farmaceutica = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    presentacion = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    via = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    registro_sanitario = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    rs_vencimiento = table.Column<DateOnly>(type: "date", nullable: true),
                    fecha_autorizacion = table.Column<DateOnly>(type: "date", nullable: true),
                    fabricante = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    laboratorio = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_products", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "roles",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    label = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_roles", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "surveillance_alerts",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    scope = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    source_id = table.Column<Guid>(type: "uuid", nullable: true),
                    n_alerta = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    producto = table.Column<string>(type: "text", nullable: true),
                    motivo = table.Column<string>(type: "text", nullable: true),
                    enlace = table.Column<string>(type: "text", nullable: true),
                    fecha_publicada = table.Column<DateOnly>(type: "date", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_surveillance_alerts", x => x.id);
                    table.CheckConstraint("surveillance_alerts_scope_check", "scope IN ('national', 'external')");
                });

            migrationBuilder.CreateTable(
                name: "tenant_limits",
                columns: table => new
                {
                    id = table.Column<bool>(type: "boolean", nullable: false, defaultValue: true),
                    max_usuarios = table.Column<int>(type: "integer", nullable: true),
                    max_establecimientos = table.Column<int>(type: "integer", nullable: true),
                    max_comprobantes = table.Column<int>(type: "integer", nullable: true),
                    limitar_emision = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    revision = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tenant_limits", x => x.id);
                    table.CheckConstraint("tenant_limits_max_check", "max_usuarios >= 0 AND max_establecimientos >= 0 AND max_comprobantes >= 0");
                    table.CheckConstraint("tenant_limits_one_row_check", "id");
                });

            migrationBuilder.CreateTable(
                name: "users",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    username = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    email = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    hashed_password = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    is_active = table.Column<bool>(type: "boolean", nullable: false, defaultValue: true),
                    roles = table.Column<List<string>>(type: "text[]", nullable: false, defaultValueSql: "'{}'"),
                    custom_permissions = table.Column<string>(type: "jsonb", nullable: true),
                    empleado_id = table.Column<int>(type: "integer", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_users", x => x.id);
                    table.CheckConstraint("users_custom_permissions_check", "jsonb_typeof(custom_permissions) IN ('object', 'null')");
                    table.CheckConstraint("users_roles_check", "array_position(roles, NULL) IS NULL");
                });

            migrationBuilder.CreateTable(
                name: "icsr_events",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false),
                    texto = table.Column<string>(type: "text", nullable: false),
                    tipo_notificacion = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    fecha_inicio = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    fecha_fin = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    gravedad = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    causalidad = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    desenlace = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    solo_ram_grave = table.Column<string>(type: "text", nullable: true),
                    texto_correo = table.Column<string>(type: "text", nullable: true),
                    doc_fuente_url = table.Column<string>(type: "text", nullable: true),
                    meddra_llt_code = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    meddra_llt_term = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    meddra_pt_code = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    meddra_pt_term = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    meddra_pt_manual = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    is_from_narrative = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false)
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
                });

            migrationBuilder.CreateTable(
                name: "icsr_products",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    icsr_id = table.Column<int>(type: "integer", nullable: false),
                    tipo = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValue: "sospechoso"),
                    nombre = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    principio_activo = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    forma_farmaceutica = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    registro_sanitario = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    lote = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    via = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    dosis = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    frecuencia = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    fecha_inicio = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    fecha_fin = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    reexposicion = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    retirada = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_icsr_products", x => x.id);
                    table.CheckConstraint("icsr_products_tipo_check", "tipo IN ('sospechoso', 'concomitante')");
                    table.ForeignKey(
                        name: "FK_icsr_products_icsr_icsr_id",
                        column: x => x.icsr_id,
                        principalTable: "icsr",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "user_roles",
                columns: table => new
                {
                    user_id = table.Column<int>(type: "integer", nullable: false),
                    role_id = table.Column<int>(type: "integer", nullable: false)
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
                });

            migrationBuilder.InsertData(
                table: "roles",
                columns: new[] { "id", "label", "name" },
                values: new object[,]
                {
                    { 1, "Administrador", "admin" },
                    { 2, "Químico farmacéutico", "qf" },
                    { 3, "Responsable de farmacovigilancia", "responsable_fv" },
                    { 4, "Aseguramiento de la calidad", "qa" },
                    { 5, "Dirección técnica", "direccion_tecnica" },
                    { 6, "Legal", "legal" },
                    { 7, "Soporte", "soporte" }
                });

            migrationBuilder.InsertData(
                table: "tenant_limits",
                columns: new[] { "id", "limitar_emision", "max_comprobantes", "max_establecimientos", "max_usuarios", "revision" },
                values: new object[] { true, false, null, null, null, 0L });

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
                name: "icsr_events_icsr_id_idx",
                table: "icsr_events",
                column: "icsr_id");

            migrationBuilder.CreateIndex(
                name: "icsr_products_icsr_id_idx",
                table: "icsr_products",
                column: "icsr_id");

            migrationBuilder.CreateIndex(
                name: "roles_name_key",
                table: "roles",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "surveillance_alerts_scope_fecha_idx",
                table: "surveillance_alerts",
                columns: new[] { "scope", "fecha_publicada" });

            migrationBuilder.CreateIndex(
                name: "user_roles_role_id_idx",
                table: "user_roles",
                column: "role_id");

            migrationBuilder.Sql(Master.EmbeddedSql.Read("tenant_0001.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Migrations only add: a tenant's records are never taken away.");
    }
}
