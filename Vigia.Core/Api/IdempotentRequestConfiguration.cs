using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Api;

internal sealed class IdempotentRequestConfiguration : IEntityTypeConfiguration<IdempotentRequest>
{
    public void Configure(EntityTypeBuilder<IdempotentRequest> request)
    {
        request.ToTable("idempotent_requests");
        request.HasKey(r => new { r.StaffId, r.Key });
        request.Property(r => r.Key).HasMaxLength(200);
        request.Property(r => r.Language).HasMaxLength(10);
        request.Property(r => r.Effect).HasColumnType("jsonb");
        request.HasIndex(r => r.CreatedAt);
    }
}
