using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.ServiceAccounts;

internal sealed class ServiceAccountConfiguration :
    IEntityTypeConfiguration<ServiceAccount>,
    IEntityTypeConfiguration<ServiceToken>
{
    public void Configure(EntityTypeBuilder<ServiceAccount> account)
    {
        account.ToTable("service_accounts");
        account.Property(a => a.Name).HasMaxLength(ServiceAccountRules.LongestName);
        account.Property(a => a.Purpose).HasMaxLength(ServiceAccountRules.LongestPurpose);
        account.HasIndex(a => a.Name).HasDatabaseName("ix_service_accounts_name").IsUnique();
        account.BelongsToStaff(nameof(ServiceAccount.FirstOwnerId));
        account.BelongsToStaff(nameof(ServiceAccount.SecondOwnerId));
    }

    public void Configure(EntityTypeBuilder<ServiceToken> token)
    {
        token.ToTable("service_tokens");
        token.Property(t => t.Prefix).HasMaxLength(20);
        token.HasIndex(t => t.TokenHash).HasDatabaseName("ix_service_tokens_hash").IsUnique();
        token.HasIndex(t => t.AccountId).HasDatabaseName("ix_service_tokens_account");
        token.HasOne<ServiceAccount>().WithMany().HasForeignKey(t => t.AccountId).OnDelete(DeleteBehavior.Restrict);
    }
}
