using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Master.Migrations
{
    /// <inheritdoc />
    public partial class SchemaUpgrades : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "parent_id",
                schema: "portal",
                table: "operations",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "schema_changed_at",
                schema: "portal",
                table: "databases",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_operations_kind",
                schema: "portal",
                table: "operations",
                column: "kind",
                unique: true,
                filter: "kind = 'migrate_tenants' AND state IN ('queued', 'running', 'waiting', 'cancelling')");

            migrationBuilder.CreateIndex(
                name: "ix_operations_parent_id",
                schema: "portal",
                table: "operations",
                column: "parent_id",
                filter: "parent_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_operation_items_operation_id",
                schema: "portal",
                table: "operation_items",
                column: "operation_id",
                filter: "state = 'pending' AND child_operation_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_operation_items_operation_id_tenant_id",
                schema: "portal",
                table: "operation_items",
                columns: new[] { "operation_id", "tenant_id" },
                filter: "state = 'pending' AND child_operation_id IS NULL");

            // The list of databases, oldest schema first, and how many are at each version.
            migrationBuilder.Sql("""CREATE INDEX ix_clientes_saas_schema ON public.clientes_saas (schema_version, razon_social COLLATE "es-PE-x-icu", id) WHERE schema_version IS NOT NULL""");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP INDEX public.ix_clientes_saas_schema");

            migrationBuilder.DropIndex(
                name: "ix_operations_kind",
                schema: "portal",
                table: "operations");

            migrationBuilder.DropIndex(
                name: "ix_operations_parent_id",
                schema: "portal",
                table: "operations");

            migrationBuilder.DropIndex(
                name: "ix_operation_items_operation_id",
                schema: "portal",
                table: "operation_items");

            migrationBuilder.DropIndex(
                name: "ix_operation_items_operation_id_tenant_id",
                schema: "portal",
                table: "operation_items");

            migrationBuilder.DropColumn(
                name: "parent_id",
                schema: "portal",
                table: "operations");

            migrationBuilder.DropColumn(
                name: "schema_changed_at",
                schema: "portal",
                table: "databases");
        }
    }
}
