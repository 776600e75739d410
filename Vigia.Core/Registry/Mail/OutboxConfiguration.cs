using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Mail;

internal sealed class OutboxConfiguration : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> message)
    {
        message.ToTable("outbox_messages");
        message.Property(m => m.Kind).HasMaxLength(40);
        message.Property(m => m.Recipient).HasMaxLength(320);
        message.Property(m => m.Subject).HasMaxLength(300);
        message.HasIndex(m => m.NotBefore).HasDatabaseName("ix_outbox_messages_pending").HasFilter("state = 'pending'");
        message.HasIndex(m => m.CreatedAt).HasDatabaseName("ix_outbox_messages_ended").HasFilter("state <> 'pending'");
        message.HasIndex(m => m.TenantId);
    }
}
