using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Registry.Master.Migrations
{
    /// <inheritdoc />
    public partial class Scale : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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

            migrationBuilder.Sql(EmbeddedSql.Read("0003_scale.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Migrations only add: the registry may be the live product's.");
    }
}
