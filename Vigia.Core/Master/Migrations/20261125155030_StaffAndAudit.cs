using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Vigia.Core.Master.Migrations
{
    /// <inheritdoc />
    public partial class StaffAndAudit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "access_ends_at",
                schema: "portal",
                table: "staff",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "disabled_at",
                schema: "portal",
                table: "staff",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_scoped",
                schema: "portal",
                table: "staff",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "signature_meaning",
                schema: "portal",
                table: "audit_events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "signed_with",
                schema: "portal",
                table: "audit_events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "via",
                schema: "portal",
                table: "audit_events",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "api_tokens",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    staff_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    prefix = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    rights = table.Column<string[]>(type: "text[]", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_used_address = table.Column<string>(type: "text", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_api_tokens", x => x.id);
                    table.ForeignKey(
                        name: "fk_api_tokens_asp_net_users_staff_id",
                        column: x => x.staff_id,
                        principalSchema: "portal",
                        principalTable: "staff",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "approvals",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    operation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    tenant_id = table.Column<int>(type: "integer", nullable: false),
                    ruc = table.Column<string>(type: "text", nullable: true),
                    subdomain = table.Column<string>(type: "text", nullable: true),
                    legal_name = table.Column<string>(type: "text", nullable: true),
                    requested_by = table.Column<Guid>(type: "uuid", nullable: false),
                    requested_by_name = table.Column<string>(type: "text", nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    seen = table.Column<string>(type: "jsonb", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    decided_by = table.Column<Guid>(type: "uuid", nullable: true),
                    decided_by_name = table.Column<string>(type: "text", nullable: true),
                    decided_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    decision_reason = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_approvals", x => x.id);
                    table.CheckConstraint("approvals_not_ones_own", "decided_by IS NULL OR decided_by <> requested_by OR state NOT IN ('approved', 'refused')");
                    table.ForeignKey(
                        name: "fk_approvals_operations_operation_id",
                        column: x => x.operation_id,
                        principalSchema: "portal",
                        principalTable: "operations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "idempotent_requests",
                schema: "portal",
                columns: table => new
                {
                    staff_id = table.Column<Guid>(type: "uuid", nullable: false),
                    key = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    request_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: true),
                    protected_answer = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_idempotent_requests", x => new { x.staff_id, x.key });
                });

            migrationBuilder.CreateTable(
                name: "outbox_messages",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    tenant_id = table.Column<int>(type: "integer", nullable: true),
                    staff_id = table.Column<Guid>(type: "uuid", nullable: true),
                    recipient = table.Column<string>(type: "character varying(320)", maxLength: 320, nullable: false),
                    subject = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    protected_body = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    not_before = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    error = table.Column<string>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_outbox_messages", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "role_rights",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    role = table.Column<string>(type: "text", nullable: false),
                    right = table.Column<string>(type: "text", nullable: false),
                    from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_role_rights", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "staff_invitations",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    staff_id = table.Column<Guid>(type: "uuid", nullable: false),
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: true),
                    created_by_name = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_staff_invitations", x => x.id);
                    table.ForeignKey(
                        name: "fk_staff_invitations_asp_net_users_staff_id",
                        column: x => x.staff_id,
                        principalSchema: "portal",
                        principalTable: "staff",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "staff_role_grants",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    staff_id = table.Column<Guid>(type: "uuid", nullable: false),
                    role = table.Column<string>(type: "text", nullable: false),
                    from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_staff_role_grants", x => x.id);
                    table.ForeignKey(
                        name: "fk_staff_role_grants_asp_net_users_staff_id",
                        column: x => x.staff_id,
                        principalSchema: "portal",
                        principalTable: "staff",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "staff_scopes",
                schema: "portal",
                columns: table => new
                {
                    staff_id = table.Column<Guid>(type: "uuid", nullable: false),
                    tenant_id = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_staff_scopes", x => new { x.staff_id, x.tenant_id });
                    table.ForeignKey(
                        name: "fk_staff_scopes_asp_net_users_staff_id",
                        column: x => x.staff_id,
                        principalSchema: "portal",
                        principalTable: "staff",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "staff_sessions",
                schema: "portal",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    staff_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    address = table.Column<string>(type: "text", nullable: true),
                    user_agent = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: true),
                    method = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    last_input_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    locked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_staff_sessions", x => x.id);
                    table.ForeignKey(
                        name: "fk_staff_sessions_asp_net_users_staff_id",
                        column: x => x.staff_id,
                        principalSchema: "portal",
                        principalTable: "staff",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_staff_normalized_email",
                schema: "portal",
                table: "staff",
                column: "normalized_email",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_action_seq",
                schema: "portal",
                table: "audit_events",
                columns: new[] { "action", "seq" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_actor_id_seq",
                schema: "portal",
                table: "audit_events",
                columns: new[] { "actor_id", "seq" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_at",
                schema: "portal",
                table: "audit_events",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_trace_id",
                schema: "portal",
                table: "audit_events",
                column: "trace_id");

            migrationBuilder.CreateIndex(
                name: "ix_api_tokens_staff_id",
                schema: "portal",
                table: "api_tokens",
                column: "staff_id");

            migrationBuilder.CreateIndex(
                name: "ix_api_tokens_token_hash",
                schema: "portal",
                table: "api_tokens",
                column: "token_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_approvals_operation_id",
                schema: "portal",
                table: "approvals",
                column: "operation_id",
                unique: true,
                filter: "state = 'waiting'");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_state",
                schema: "portal",
                table: "approvals",
                column: "state");

            migrationBuilder.CreateIndex(
                name: "ix_idempotent_requests_created_at",
                schema: "portal",
                table: "idempotent_requests",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_not_before",
                schema: "portal",
                table: "outbox_messages",
                column: "not_before",
                filter: "state = 'pending'");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_tenant_id",
                schema: "portal",
                table: "outbox_messages",
                column: "tenant_id");

            migrationBuilder.CreateIndex(
                name: "ix_role_rights_role_right",
                schema: "portal",
                table: "role_rights",
                columns: new[] { "role", "right" },
                unique: true,
                filter: "until IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_staff_invitations_staff_id",
                schema: "portal",
                table: "staff_invitations",
                column: "staff_id",
                unique: true,
                filter: "used_at IS NULL AND revoked_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_staff_invitations_token_hash",
                schema: "portal",
                table: "staff_invitations",
                column: "token_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_staff_role_grants_staff_id_role",
                schema: "portal",
                table: "staff_role_grants",
                columns: new[] { "staff_id", "role" },
                unique: true,
                filter: "until IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_staff_sessions_staff_id",
                schema: "portal",
                table: "staff_sessions",
                column: "staff_id",
                filter: "ended_at IS NULL");

            migrationBuilder.Sql(EmbeddedSql.Read("0003_staff.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "api_tokens",
                schema: "portal");

            migrationBuilder.DropTable(
                name: "approvals",
                schema: "portal");

            migrationBuilder.DropTable(
                name: "idempotent_requests",
                schema: "portal");

            migrationBuilder.DropTable(
                name: "outbox_messages",
                schema: "portal");

            migrationBuilder.DropTable(
                name: "role_rights",
                schema: "portal");

            migrationBuilder.DropTable(
                name: "staff_invitations",
                schema: "portal");

            migrationBuilder.DropTable(
                name: "staff_role_grants",
                schema: "portal");

            migrationBuilder.DropTable(
                name: "staff_scopes",
                schema: "portal");

            migrationBuilder.DropTable(
                name: "staff_sessions",
                schema: "portal");

            migrationBuilder.DropIndex(
                name: "ix_staff_normalized_email",
                schema: "portal",
                table: "staff");

            migrationBuilder.DropIndex(
                name: "ix_audit_events_action_seq",
                schema: "portal",
                table: "audit_events");

            migrationBuilder.DropIndex(
                name: "ix_audit_events_actor_id_seq",
                schema: "portal",
                table: "audit_events");

            migrationBuilder.DropIndex(
                name: "ix_audit_events_at",
                schema: "portal",
                table: "audit_events");

            migrationBuilder.DropIndex(
                name: "ix_audit_events_trace_id",
                schema: "portal",
                table: "audit_events");

            migrationBuilder.DropColumn(
                name: "access_ends_at",
                schema: "portal",
                table: "staff");

            migrationBuilder.DropColumn(
                name: "disabled_at",
                schema: "portal",
                table: "staff");

            migrationBuilder.DropColumn(
                name: "is_scoped",
                schema: "portal",
                table: "staff");

            migrationBuilder.DropColumn(
                name: "signature_meaning",
                schema: "portal",
                table: "audit_events");

            migrationBuilder.DropColumn(
                name: "signed_with",
                schema: "portal",
                table: "audit_events");

            migrationBuilder.DropColumn(
                name: "via",
                schema: "portal",
                table: "audit_events");
        }
    }
}
