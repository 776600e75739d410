namespace Vigia.Core.Registry.Master;

/// <summary>The sizes of pages of lists.</summary>
public static class PageSize
{
    /// <summary>The largest page size for anybody.</summary>
    public const int Max = 200;
}
