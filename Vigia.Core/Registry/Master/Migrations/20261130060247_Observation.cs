using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Registry.Master.Migrations
{
    /// <inheritdoc />
    public partial class Observation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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

            migrationBuilder.Sql(EmbeddedSql.Read("0002_observation.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Migrations only add: the registry may be the live product's.");
    }
}
