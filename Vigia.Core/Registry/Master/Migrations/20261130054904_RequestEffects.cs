using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Registry.Master.Migrations
{
    /// <inheritdoc />
    public partial class RequestEffects : Migration
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "alive_at",
                schema: "portal",
                table: "idempotent_requests");

            migrationBuilder.DropColumn(
                name: "attempt",
                schema: "portal",
                table: "idempotent_requests");

            migrationBuilder.DropColumn(
                name: "effect",
                schema: "portal",
                table: "idempotent_requests");

            migrationBuilder.DropColumn(
                name: "language",
                schema: "portal",
                table: "idempotent_requests");
        }
    }
}
