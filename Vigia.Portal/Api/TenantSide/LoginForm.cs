using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Components.SignIn;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>
/// The form of the sign-in: the password grant of OAuth 2 (RFC 6749 section 4.3). The other fields of that grant are
/// accepted and mean nothing here.
/// </summary>
/// <param name="Username">The user name or the e-mail address.</param>
/// <param name="Password">The password.</param>
internal sealed record LoginForm(string Username, string Password)
{
    /// <summary>The only media type that is accepted.</summary>
    public const string MediaType = "application/x-www-form-urlencoded";

    private static readonly string[] Ignored = ["grant_type", "scope", "client_id", "client_secret"];

    /// <summary>Whether both texts can be stored and compared. Text that can't be is no credential.</summary>
    public bool IsSound => AccountInput.IsSound(Username) && AccountInput.IsSound(Password);

    /// <exception cref="ApiRefusal">The body is no form.</exception>
    /// <exception cref="InvalidInputException">Errors by field.</exception>
    public static async ValueTask<LoginForm> BindAsync(HttpContext context)
    {
        if (!IsForm(context.Request))
        {
            throw new ApiRefusal(StatusCodes.Status415UnsupportedMediaType, new Message("unsupported_media_type"));
        }

        SmallBody.Limit(context);
        var form = await ReadAsync(context);
        var errors = new Dictionary<string, IReadOnlyList<Message>>();
        foreach (var (name, values) in form.Where(field => !Ignored.Contains(field.Key)).Take(100))
        {
            if (name is not ("username" or "password"))
            {
                errors[name] = [new Message("field_unknown")];
            }
            else if (values.Count > 1)
            {
                errors[name] = [new Message("parameter_twice")];
            }
        }

        var (username, password) = (form["username"].ToString().Trim(), form["password"].ToString());
        foreach (var (name, value) in new[] { ("username", username), ("password", password) })
        {
            if (value.Length == 0)
            {
                errors.TryAdd(name, [new Message("field_required")]);
            }
        }

        return errors.Count == 0 ? new LoginForm(username, password) : throw new InvalidInputException(errors);
    }

    // Only what the grant of OAuth 2 says, in UTF-8: other forms have parts and files, and other encodings may be such
    // as .NET refuses to read.
    private static bool IsForm(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue
            || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    // A form that can't be read is an error of the caller.
    private static async Task<IFormCollection> ReadAsync(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception e) when (UnreadableForm.StatusOf(e) is { } status)
        {
            throw new ApiRefusal(status, Problem.OfStatus(status).Reason);
        }
    }
}
