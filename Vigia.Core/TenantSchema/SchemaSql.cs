namespace Vigia.Core.TenantSchema;

/// <summary>The hand-written SQL of this schema's migrations, embedded in the assembly.</summary>
internal static class SchemaSql
{
    public static string Read(string name)
    {
        using var stream = typeof(SchemaSql).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"No embedded SQL named {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
