using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Vigia.Core.Master.Migrations
{
    /// <inheritdoc />
    public partial class RegistryRowRules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(EmbeddedSql.Read("0002_row_rules.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {

        }
    }
}
