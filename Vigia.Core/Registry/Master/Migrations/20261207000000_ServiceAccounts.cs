using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Registry.Master.Migrations
{
    /// <inheritdoc />
    public partial class ServiceAccounts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "outside_roles",
                schema: "portal",
                columns: table => new
                {
                    purpose = table.Column<string>(type: "text", nullable: false),
                    role_name = table.Column<string>(type: "text", nullable: false),
                    is_wanted = table.Column<bool>(type: "boolean", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_outside_roles", x => new { x.purpose, x.role_name });
                });

            migrationBuilder.CreateTable(
                name: "service_accounts",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    purpose = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    first_owner_id = table.Column<Guid>(type: "uuid", nullable: false),
                    second_owner_id = table.Column<Guid>(type: "uuid", nullable: false),
                    rights = table.Column<string[]>(type: "text[]", nullable: false),
                    networks = table.Column<string[]>(type: "text[]", nullable: false),
                    tenant_ids = table.Column<int[]>(type: "integer[]", nullable: true),
                    ends_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_service_accounts", x => x.id);
                    table.ForeignKey(
                        name: "fk_service_accounts_asp_net_users_first_owner_id",
                        column: x => x.first_owner_id,
                        principalSchema: "portal",
                        principalTable: "staff",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_service_accounts_asp_net_users_second_owner_id",
                        column: x => x.second_owner_id,
                        principalSchema: "portal",
                        principalTable: "staff",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "service_tokens",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    prefix = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_used_address = table.Column<string>(type: "text", nullable: true),
                    refused_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    refused_address = table.Column<string>(type: "text", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_service_tokens", x => x.id);
                    table.ForeignKey(
                        name: "fk_service_tokens_service_accounts_account_id",
                        column: x => x.account_id,
                        principalSchema: "portal",
                        principalTable: "service_accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_outside_roles_one_wanted",
                schema: "portal",
                table: "outside_roles",
                column: "purpose",
                unique: true,
                filter: "is_wanted");

            migrationBuilder.CreateIndex(
                name: "ix_service_accounts_first_owner_id",
                schema: "portal",
                table: "service_accounts",
                column: "first_owner_id");

            migrationBuilder.CreateIndex(
                name: "ix_service_accounts_name",
                schema: "portal",
                table: "service_accounts",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_service_accounts_second_owner_id",
                schema: "portal",
                table: "service_accounts",
                column: "second_owner_id");

            migrationBuilder.CreateIndex(
                name: "ix_service_tokens_account",
                schema: "portal",
                table: "service_tokens",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_service_tokens_hash",
                schema: "portal",
                table: "service_tokens",
                column: "token_hash",
                unique: true);

            migrationBuilder.Sql(EmbeddedSql.Read("0009_service_accounts.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Migrations only add: the registry may be the live product's.");
    }
}
