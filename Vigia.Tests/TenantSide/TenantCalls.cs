using System.Text;
using System.Text.Json;
using Vigia.Tests.Api;

namespace Vigia.Tests.TenantSide;

/// <summary>Calls the API of a tenant's users over HTTP.</summary>
/// <param name="address">The address of the portal.</param>
/// <param name="tenant">The value of X-Tenant; null sends none.</param>
/// <param name="token">The token; null sends none.</param>
public sealed class TenantCalls(Uri address, string? tenant, string? token) : IDisposable
{
    private const string Root = "/api/v1/";
    private readonly ApiCalls _http = new(address, token);

    /// <summary>The token that is sent.</summary>
    public string? Token => token;

    public void Dispose() => _http.Dispose();

    internal Task<ApiAnswer> LoginAsync(
        string username, string password, params (string Name, string Value)[] headers) =>
        FormAsync(new Dictionary<string, string> { ["username"] = username, ["password"] = password }, headers);

    internal async Task<ApiAnswer> FormAsync(
        IEnumerable<KeyValuePair<string, string>> fields, params (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Post, "auth/login", headers);
        request.Content = new FormUrlEncodedContent(fields);
        return await _http.SendAsync(request);
    }

    internal Task<ApiAnswer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    internal Task<ApiAnswer> PostAsync(string path, object body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    internal async Task<ApiAnswer> SendAsync(
        HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, headers);
        if (body is not null)
        {
            request.Content = new StringContent(
                body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        return await _http.SendAsync(request);
    }

    /// <summary>Posts a body as it is.</summary>
    internal async Task<ApiAnswer> BodyAsync(
        string path, string type, string body, params (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Post, path, headers);
        request.Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        foreach (var (name, value) in headers.Where(h => h.Name.StartsWith("Content-", StringComparison.Ordinal)))
        {
            request.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request);
    }

    private HttpRequestMessage Request(HttpMethod method, string path, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : Root + path);
        if (tenant is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Tenant", tenant);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
