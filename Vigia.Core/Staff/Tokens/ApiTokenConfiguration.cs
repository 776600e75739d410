using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Tokens;

internal sealed class ApiTokenConfiguration :
    IEntityTypeConfiguration<ApiToken>
{
    public void Configure(EntityTypeBuilder<ApiToken> token)
    {
        token.ToTable("api_tokens");
        token.Property(t => t.Name).HasMaxLength(100);
        token.Property(t => t.Prefix).HasMaxLength(20);
        token.HasIndex(t => t.TokenHash).IsUnique();
        token.HasIndex(t => t.StaffId);
        token.BelongsToStaff(nameof(ApiToken.StaffId));
    }
}
