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

            migrationBuilder.Sql(EmbeddedSql.Read("0007_stored_looks.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Migrations only add: the registry may be the live product's.");
    }
}
