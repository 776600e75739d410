using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Master.Migrations
{
    /// <inheritdoc />
    public partial class OperationItems : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "item_count",
                schema: "portal",
                table: "operations",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "operation_items",
                schema: "portal",
                columns: table => new
                {
                    operation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    tenant_id = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "text", nullable: true),
                    ruc = table.Column<string>(type: "text", nullable: true),
                    subdomain = table.Column<string>(type: "text", nullable: true),
                    state = table.Column<string>(type: "text", nullable: false),
                    message = table.Column<string>(type: "jsonb", nullable: true),
                    child_operation_id = table.Column<Guid>(type: "uuid", nullable: true),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_operation_items", x => new { x.operation_id, x.tenant_id });
                    table.ForeignKey(
                        name: "fk_operation_items_operations_operation_id",
                        column: x => x.operation_id,
                        principalSchema: "portal",
                        principalTable: "operations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_operations_requested_by_finished_at",
                schema: "portal",
                table: "operations",
                columns: new[] { "requested_by", "finished_at" });

            migrationBuilder.CreateIndex(
                name: "ix_operation_items_operation_id_state",
                schema: "portal",
                table: "operation_items",
                columns: new[] { "operation_id", "state" });

            migrationBuilder.CreateIndex(
                name: "ix_operation_items_tenant_id",
                schema: "portal",
                table: "operation_items",
                column: "tenant_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "operation_items",
                schema: "portal");

            migrationBuilder.DropIndex(
                name: "ix_operations_requested_by_finished_at",
                schema: "portal",
                table: "operations");

            migrationBuilder.DropColumn(
                name: "item_count",
                schema: "portal",
                table: "operations");
        }
    }
}
