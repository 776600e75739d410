using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Master.Migrations
{
    /// <inheritdoc />
    public partial class Isolation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "replaced_at",
                schema: "portal",
                table: "tenant_credentials",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "isolation_proofs",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    tenant_id = table.Column<int>(type: "integer", nullable: false),
                    ruc = table.Column<string>(type: "text", nullable: true),
                    subdomain = table.Column<string>(type: "text", nullable: true),
                    operation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    cause = table.Column<string>(type: "text", nullable: false),
                    role_name = table.Column<string>(type: "text", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    verdict = table.Column<string>(type: "text", nullable: false),
                    attempts = table.Column<string>(type: "jsonb", nullable: false),
                    is_last = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_isolation_proofs", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_isolation_proofs_finished_at",
                schema: "portal",
                table: "isolation_proofs",
                column: "finished_at");

            migrationBuilder.CreateIndex(
                name: "ix_isolation_proofs_tenant_id",
                schema: "portal",
                table: "isolation_proofs",
                column: "tenant_id",
                unique: true,
                filter: "is_last");

            migrationBuilder.CreateIndex(
                name: "ix_isolation_proofs_tenant_id_finished_at",
                schema: "portal",
                table: "isolation_proofs",
                columns: new[] { "tenant_id", "finished_at" });

            migrationBuilder.CreateIndex(
                name: "ix_isolation_proofs_verdict",
                schema: "portal",
                table: "isolation_proofs",
                column: "verdict",
                filter: "is_last AND verdict <> 'held'");

            migrationBuilder.Sql(EmbeddedSql.Read("0004_isolation.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "isolation_proofs",
                schema: "portal");

            migrationBuilder.DropColumn(
                name: "replaced_at",
                schema: "portal",
                table: "tenant_credentials");
        }
    }
}
