using System.ComponentModel.DataAnnotations;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.Registry.Mail;

/// <summary>The SMTP server for outgoing mail, from section <c>Mail</c>. Without a host no mail is sent.</summary>
public sealed class MailOptions : IValidatableObject
{
    public const string Section = "Mail";

    /// <summary>The name or address of the server. Empty for none.</summary>
    public string Host { get; set; } = "";

    [Range(1, 65535, ErrorMessage = "it is a port from 1 to 65535")]
    public int Port { get; set; } = 587;

    /// <summary>The protection of the connection.</summary>
    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    /// <summary>The user name. Empty for a server without sign-in.</summary>
    public string User { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>The sender's address.</summary>
    public string From { get; set; } = "";

    /// <summary>The sender's name.</summary>
    public string FromName { get; set; } = "VIGIA";

    /// <summary>Whether mail can be sent.</summary>
    public bool IsConfigured => Host.Length > 0;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsConfigured && (!MimeKit.MailboxAddress.TryParse(From, out var from)
            || EmailAddress.Problem(from.Address) is not null))
        {
            yield return new ValidationResult("with a Host it is the address that mail comes from", [nameof(From)]);
        }

        if (IsConfigured && User.Length > 0 && Security == MailSecurity.None)
        {
            yield return new ValidationResult(
                "a password is not sent over a connection in clear: StartTls or Tls", [nameof(Security)]);
        }
    }
}

/// <summary>The protection of the connection to the mail server.</summary>
public enum MailSecurity
{
    /// <summary>Starts unencrypted and must switch to encryption (port 587).</summary>
    StartTls,

    /// <summary>Encrypted from the start (port 465).</summary>
    Tls,

    /// <summary>Unencrypted. For a server on the same machine.</summary>
    None,
}
