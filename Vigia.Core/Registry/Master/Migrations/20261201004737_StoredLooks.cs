using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Registry.Master.Migrations
{
    /// <inheritdoc />
    public partial class StoredLooks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_tenant_trash_purge_after",
                schema: "portal",
                table: "tenant_trash");

            migrationBuilder.DropIndex(
                name: "ix_operations_queue",
                schema: "portal",
                table: "operations");

            migrationBuilder.AddColumn<string>(
                name: "openings",
                schema: "portal",
                table: "database_servers",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "openings_at",
                schema: "portal",
                table: "database_servers",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_tenant_trash_deleted",
                schema: "portal",
                table: "tenant_trash",
                columns: new[] { "deleted_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_tenant_trash_purge",
                schema: "portal",
                table: "tenant_trash",
                columns: new[] { "purge_after", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_operations_delayed",
                schema: "portal",
                table: "operations",
                columns: new[] { "priority", "not_before" },
                filter: "state = 'queued' AND not_before IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_operations_leases",
                schema: "portal",
                table: "operations",
                column: "lease_until",
                filter: "state IN ('running', 'cancelling')");

            migrationBuilder.CreateIndex(
                name: "ix_operations_queue",
                schema: "portal",
                table: "operations",
                columns: new[] { "priority", "created_at" },
                filter: "state = 'queued' AND not_before IS NULL");

            migrationBuilder.Sql(EmbeddedSql.Read("0007_stored_looks.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Migrations only add: the registry may be the live product's.");
    }
}
