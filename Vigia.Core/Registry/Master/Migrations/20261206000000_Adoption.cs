using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Registry.Master.Migrations
{
    /// <inheritdoc />
    public partial class Adoption : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "adoptions",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    tenant_id = table.Column<int>(type: "integer", nullable: false),
                    database_id = table.Column<Guid>(type: "uuid", nullable: false),
                    database_name = table.Column<string>(type: "text", nullable: false),
                    operation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    registered_here = table.Column<bool>(type: "boolean", nullable: false),
                    before = table.Column<string>(type: "jsonb", nullable: false),
                    keeps_owner = table.Column<bool>(type: "boolean", nullable: false),
                    backup_statement = table.Column<string>(type: "text", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    adopted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    undo_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    confirmed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    completed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    undo_begun_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    kept = table.Column<string>(type: "text", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_adoptions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_adoptions_database_id",
                schema: "portal",
                table: "adoptions",
                column: "database_id");

            migrationBuilder.CreateIndex(
                name: "ix_adoptions_tenant_id",
                schema: "portal",
                table: "adoptions",
                column: "tenant_id",
                unique: true,
                filter: "ended_at IS NULL");

            migrationBuilder.Sql(EmbeddedSql.Read("0009_adoptions.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Migrations only add: the registry may be the live product's.");
    }
}
