using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Registry.Master.Migrations
{
    /// <inheritdoc />
    public partial class ScaleAndDoors : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "alive_at",
                schema: "portal",
                table: "idempotent_requests",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "attempt",
                schema: "portal",
                table: "idempotent_requests",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"));

            migrationBuilder.AddColumn<string>(
                name: "effect",
                schema: "portal",
                table: "idempotent_requests",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "language",
                schema: "portal",
                table: "idempotent_requests",
                type: "character varying(10)",
                maxLength: 10,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "passkey_challenges",
                schema: "portal",
                columns: table => new
                {
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_passkey_challenges", x => x.hash);
                });

            migrationBuilder.CreateTable(
                name: "recorded_settings",
                schema: "portal",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    value = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_recorded_settings", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "sign_in_tries",
                schema: "portal",
                columns: table => new
                {
                    key = table.Column<byte[]>(type: "bytea", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    blocked_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_in_tries", x => x.key);
                });

            migrationBuilder.CreateIndex(
                name: "ix_passkey_challenges_expires_at",
                schema: "portal",
                table: "passkey_challenges",
                column: "expires_at");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "observed_at",
                schema: "portal",
                table: "database_servers",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "observed_databases",
                schema: "portal",
                columns: table => new
                {
                    server_id = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    is_present = table.Column<bool>(type: "boolean", nullable: false),
                    refusal = table.Column<string>(type: "text", nullable: true),
                    remedy = table.Column<string>(type: "text", nullable: true),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    size_bytes = table.Column<long>(type: "bigint", nullable: true),
                    size_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_observed_databases", x => new { x.server_id, x.name });
                    table.ForeignKey(
                        name: "fk_observed_databases_servers",
                        column: x => x.server_id,
                        principalSchema: "portal",
                        principalTable: "database_servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "tenant_contents",
                schema: "portal",
                columns: table => new
                {
                    tenant_id = table.Column<int>(type: "integer", nullable: false),
                    counted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    figures = table.Column<string>(type: "jsonb", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tenant_contents", x => x.tenant_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_observed_databases_not_usable",
                schema: "portal",
                table: "observed_databases",
                columns: new[] { "server_id", "name" },
                filter: "NOT is_present OR refusal IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_observed_databases_size",
                schema: "portal",
                table: "observed_databases",
                columns: new[] { "server_id", "size_at" },
                filter: "is_present");

            migrationBuilder.CreateIndex(
                name: "ix_tenant_contents_due",
                schema: "portal",
                table: "tenant_contents",
                column: "due_at");

            migrationBuilder.DropIndex(
                name: "ix_operations_created",
                schema: "portal",
                table: "operations");

            migrationBuilder.DropIndex(
                name: "ix_operation_items_state",
                schema: "portal",
                table: "operation_items");

            migrationBuilder.AddColumn<int>(
                name: "reached_tenant",
                schema: "portal",
                table: "recurring_ticks",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "job",
                schema: "portal",
                table: "operations",
                type: "character varying(50)",
                maxLength: 50,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "shown_state",
                schema: "portal",
                table: "operations",
                type: "text",
                nullable: true,
                computedColumnSql: "CASE WHEN state = 'queued' AND not_before IS NOT NULL AND error IS NULL THEN 'running' ELSE state END",
                stored: true);

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_ended",
                schema: "portal",
                table: "outbox_messages",
                column: "created_at",
                filter: "state <> 'pending'");

            migrationBuilder.CreateIndex(
                name: "ix_operations_created",
                schema: "portal",
                table: "operations",
                columns: new[] { "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_operations_failed",
                schema: "portal",
                table: "operations",
                column: "finished_at",
                filter: "state = 'failed'");

            migrationBuilder.CreateIndex(
                name: "ix_operations_kind",
                schema: "portal",
                table: "operations",
                columns: new[] { "kind", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_operations_kind_state",
                schema: "portal",
                table: "operations",
                columns: new[] { "kind", "shown_state", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_operations_listed",
                schema: "portal",
                table: "operations",
                columns: new[] { "created_at", "id" },
                filter: "parent_id IS NULL AND (tenant_id IS NOT NULL OR requested_by IS NOT NULL OR state <> 'succeeded')");

            migrationBuilder.CreateIndex(
                name: "ix_operations_one_per_job",
                schema: "portal",
                table: "operations",
                column: "job",
                unique: true,
                filter: "job IS NOT NULL AND state IN ('queued', 'running', 'waiting', 'cancelling')");

            migrationBuilder.CreateIndex(
                name: "ix_operations_state",
                schema: "portal",
                table: "operations",
                columns: new[] { "shown_state", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_databases_kind",
                schema: "portal",
                table: "databases",
                columns: new[] { "server_id", "kind", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_actor_name_seq",
                schema: "portal",
                table: "audit_events",
                columns: new[] { "actor_name", "seq" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_signed",
                schema: "portal",
                table: "audit_events",
                column: "seq",
                filter: "signature_meaning IS NOT NULL");

            migrationBuilder.Sql(EmbeddedSql.Read("0002_live.sql"));
            migrationBuilder.Sql(EmbeddedSql.Read("0003_doors.sql"));
            migrationBuilder.Sql(EmbeddedSql.Read("0004_observation.sql"));
            migrationBuilder.Sql(EmbeddedSql.Read("0005_scale.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Migrations only add: the registry may be the live product's.");
    }
}
