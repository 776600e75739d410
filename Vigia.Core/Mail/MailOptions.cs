using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Mail;

/// <summary>Section <c>Mail</c>: the SMTP server that mail goes out through; without a host no mail is sent.</summary>
public sealed class MailOptions : IValidatableObject
{
    public const string Section = "Mail";

    /// <summary>Name or address of the server; empty for none.</summary>
    public string Host { get; set; } = "";

    [Range(1, 65535, ErrorMessage = "it is a port from 1 to 65535")]
    public int Port { get; set; } = 587;

    /// <summary>How the connection is protected.</summary>
    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    /// <summary>Whom to sign in as; empty for a server that asks for nobody.</summary>
    public string User { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>The address that mail comes from.</summary>
    public string From { get; set; } = "";

    /// <summary>The name beside it.</summary>
    public string FromName { get; set; } = "VIGIA";

    /// <summary>Whether mail can be sent at all.</summary>
    public bool IsConfigured => Host.Length > 0;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsConfigured && !MimeKit.MailboxAddress.TryParse(From, out _))
        {
            yield return new ValidationResult("with a Host it is the address that mail comes from", [nameof(From)]);
        }

        if (IsConfigured && User.Length > 0 && Security == MailSecurity.None)
        {
            yield return new ValidationResult("a password is not sent over a connection in clear: StartTls or Tls", [nameof(Security)]);
        }
    }
}

/// <summary>How the connection to the mail server is protected.</summary>
public enum MailSecurity
{
    /// <summary>Begins in clear and must go on encrypted (port 587).</summary>
    StartTls,

    /// <summary>Encrypted from the start (port 465).</summary>
    Tls,

    /// <summary>In clear; for a server on the same machine.</summary>
    None,
}
