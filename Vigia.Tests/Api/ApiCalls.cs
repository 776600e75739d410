using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Vigia.Tests.Api;

/// <summary>An answer of the API with its whole content.</summary>
internal sealed record ApiAnswer(int Status, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>The code of a refusal; null for other answers.</summary>
    public string? Code => ContentType == "application/problem+json" ? Json.GetProperty("code").GetString() : null;

    public string? Location => Headers.Location?.ToString();

    /// <summary>The methods that <c>Allow</c> names.</summary>
    public IReadOnlyCollection<string> Allow { get; init; } = [];

    /// <summary>Asserts the status and returns the body.</summary>
    public JsonElement Expect(int status)
    {
        Assert.True(Status == status, $"{Status} instead of {status}: {Text}");
        return Json;
    }

    /// <summary>Asserts that the answer is a refusal as the contract defines it.</summary>
    public JsonElement ExpectProblem(int status, string code)
    {
        Assert.True(Status == status && Code == code, $"{Status} {Code} instead of {status} {code}: {Text}");
        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        Assert.Matches("^[0-9a-f]{32}$", Json.GetProperty("traceId").GetString());
        return Json;
    }
}

/// <summary>Calls the API over HTTP with one token, or without one.</summary>
public sealed class ApiCalls : IDisposable
{
    public const string Root = "/api/v1/admin/";
    private readonly HttpClient _http;

    public ApiCalls(Uri address, string? token)
    {
        _http = new HttpClient(
            new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        { BaseAddress = address };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public HttpClient Http => _http;

    internal Task<ApiAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    internal Task<ApiAnswer> PostAsync(
        string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    internal Task<ApiAnswer> PatchAsync(string path, object body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Patch, path, body, headers);

    internal Task<ApiAnswer> DeleteAsync(string path, object? body) => SendAsync(HttpMethod.Delete, path, body);

    /// <param name="method">GET, POST, …</param>
    /// <param name="path">
    /// Relative to <see cref="Root"/>; from the root of the server if it begins with a slash.
    /// </param>
    /// <param name="body">A string is sent as it is, other values as JSON; null sends no body.</param>
    /// <param name="headers">Additional headers.</param>
    internal async Task<ApiAnswer> SendAsync(
        HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : Root + path);
        if (body is not null)
        {
            request.Content = new StringContent(
                body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await SendAsync(request);
    }

    internal async Task<ApiAnswer> SendAsync(HttpRequestMessage request)
    {
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new ApiAnswer(
            (int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, text)
        {
            Allow = [.. response.Content.Headers.Allow],
        };
    }

    public void Dispose() => _http.Dispose();
}
