namespace Vigia.Core.Registry.Master;

/// <summary>
/// Reads the hand-written SQL of migrations. It is embedded, so that a published program needs no other files.
/// </summary>
internal static class EmbeddedSql
{
    public static string Read(string name)
    {
        using var stream = typeof(EmbeddedSql).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"There is no embedded SQL named {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
